# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""The servers: each with one worker, no log line per query, no rate limit, no answer rotation, minimal responses."""

import re
import subprocess

from driver import catalog, places, processes

NSD = """server:
  server-count: 1
  ip-address: 127.0.0.1@{port}
  do-ip6: no
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  reuseport: no
  minimal-responses: yes
  round-robin: no
  rrl-ratelimit: 0
  hide-version: yes
  verbosity: 0
remote-control:
  control-enable: no
zone:
  name: "{zone}."
  zonefile: "{zonefile}"
"""

KNOT = """server:
  rundir: "{folder}"
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  answer-rotation: off
log:
- target: stderr
  any: warning
database:
  storage: "{folder}"
zone:
- domain: {zone}.
  file: "{zonefile}"
  storage: "{folder}"
  zonefile-sync: -1
  journal-content: none
"""

GDNSD = """options => {{
  listen => 127.0.0.1:{port}
  udp_threads => 1
  tcp_threads => 1
  run_dir => {folder}/run
  state_dir => {folder}/state
}}
"""

VERSIONS = {
    "NSD": (["nsd", "-v"], r"NSD version (\S+)"),
    "Knot": (["knotd", "-V"], r"version (\S+)"),
    "gdnsd": (["gdnsd"], r"version (\S+)"),
    "fabdns": (["{fabdns}", "-version"], r"(\d\S*)"),
}


def version(name, fabdns=None):
    """The version a server says it is."""
    if name not in VERSIONS:
        return ""
    command, pattern = VERSIONS[name]
    command = [part.format(fabdns=fabdns) for part in command]
    result = subprocess.run(command, capture_output=True, text=True)
    found = re.search(pattern, result.stdout + result.stderr)
    return found.group(1) if found else "?"


def _nsd(folder, port, zonefile):
    text = NSD.format(folder=folder, port=port, zone=catalog.ZONE, zonefile=zonefile)
    (folder / "nsd.conf").write_text(text)
    return ["nsd", "-d", "-c", folder / "nsd.conf"]


def _knot(folder, port, zonefile):
    text = KNOT.format(folder=folder, port=port, zone=catalog.ZONE, zonefile=zonefile)
    (folder / "knot.conf").write_text(text)
    return ["knotd", "-c", folder / "knot.conf"]


def _gdnsd(folder, port, zonefile):
    for name in ("etc/zones", "run", "state"):
        (folder / name).mkdir(parents=True)
    (folder / "etc/config").write_text(GDNSD.format(folder=folder, port=port))
    (folder / "etc/zones" / catalog.ZONE).write_text(zonefile.read_text())
    return ["gdnsd", "-c", folder / "etc", "start"]


class Peers:
    """The data of a run in a folder of its own, and the command of every server over it."""

    def __init__(self, folder, fabdns):
        self.folder = folder
        self.fabdns = fabdns
        self.catalog = folder / "catalog.json"
        self.corefile = folder / "Corefile"
        self.questions = folder / "questions"
        self.zone = folder / "global.zone"
        catalog.write_catalog(self.catalog)
        catalog.write_corefile(self.corefile, self.catalog)
        catalog.write_questions(self.questions)
        catalog.write_zone(self.zone, fabdns, self.corefile)

    def command(self, name, port):
        """Writes the server's configuration and returns its command."""
        if name == "ceiling":
            return [places.instrument("ceiling"), port]
        if name == "fabdns":
            return [self.fabdns, "-conf", self.corefile, "-dns.port", port]
        folder = self.folder / name
        folder.mkdir()
        if name.startswith("fabdns with "):
            directives = {"metrics": f"prometheus 127.0.0.1:{processes.free_port()}", "log": "log"}
            directive = directives[name.removeprefix("fabdns with ")]
            catalog.write_corefile(folder / "Corefile", self.catalog, directive)
            return [self.fabdns, "-conf", folder / "Corefile", "-dns.port", port]
        return {"NSD": _nsd, "Knot": _knot, "gdnsd": _gdnsd}[name](folder, port, self.zone)
