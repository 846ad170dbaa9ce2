# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""The servers: each with one worker, no log line per query, no rate limit, no answer rotation, minimal responses."""

import os
import re
import subprocess

from driver import catalog, places, processes

NSD = """server:
  server-count: {workers}
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
  reuseport: {reuseport}
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
  udp-workers: {workers}
  tcp-workers: {workers}
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
  udp_threads => {workers}
  tcp_threads => {workers}
  run_dir => {folder}/run
  state_dir => {folder}/state
}}
"""

CORE_DNS = """{zone}:{port} {{
    bind 127.0.0.1
    file {zonefile}
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


def _nsd(folder, port, zonefile, workers):
    text = NSD.format(
        folder=folder, port=port, zone=catalog.ZONE, zonefile=zonefile, workers=workers,
        reuseport="yes" if workers > 1 else "no",
    )
    (folder / "nsd.conf").write_text(text)
    return ["nsd", "-d", "-c", folder / "nsd.conf"]


def _knot(folder, port, zonefile, workers):
    text = KNOT.format(folder=folder, port=port, zone=catalog.ZONE, zonefile=zonefile, workers=workers)
    (folder / "knot.conf").write_text(text)
    return ["knotd", "-c", folder / "knot.conf"]


def _gdnsd(folder, port, zonefile, workers):
    for name in ("etc/zones", "run", "state"):
        (folder / name).mkdir(parents=True)
    (folder / "etc/config").write_text(GDNSD.format(folder=folder, port=port, workers=workers))
    (folder / "etc/zones" / catalog.ZONE).write_text(zonefile.read_text())
    return ["gdnsd", "-c", folder / "etc", "start"]


def _core_dns(folder, port, zonefile, workers):
    text = CORE_DNS.format(zone=catalog.ZONE, port=port, zonefile=zonefile)
    (folder / "Corefile").write_text(text)
    return ["env", f"GOMAXPROCS={workers}", os.environ["COREDNS"], "-quiet", "-conf", folder / "Corefile"]


PEERS = ("gdnsd", "NSD", "Knot")
COMMANDS = {"NSD": _nsd, "Knot": _knot, "gdnsd": _gdnsd, "CoreDNS": _core_dns}


def core_dns():
    """CoreDNS with its plugin `file`, where the variable COREDNS names it."""
    return ["CoreDNS"] if "COREDNS" in os.environ else []


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

    @property
    def dnsperf_questions(self):
        """The questions as dnsperf reads them."""
        path = self.folder / "questions.dnsperf"
        lines = (line.split()[:2] for line in self.questions.read_text().splitlines())
        path.write_text("".join(f"{name} {kind}\n" for name, kind in lines))
        return path

    def start_all(self, group, names, workers=1, **options):
        """All of them up and answering."""
        servers = []
        for name in names:
            port = processes.free_port()
            command = self.command(name, port, workers)
            servers.append(group.start(name, command, port, self.folder / f"{name}.log", **options))
        for server in servers:
            server.wait_until_it_answers(catalog.PROBE)
        return servers

    def command(self, name, port, workers=1):
        """Writes the server's configuration and returns its command."""
        if name == "ceiling":
            return [places.instrument("ceiling"), port]
        folder = self.folder / name
        folder.mkdir()
        if name.startswith("fabdns"):
            more = {
                "fabdns with metrics": f"prometheus 127.0.0.1:{processes.free_port()}",
                "fabdns with log": "log",
            }.get(name, "")
            workers = 1 if name == "fabdns, one worker" else workers
            catalog.write_corefile(folder / "Corefile", self.catalog, more, workers)
            return [self.fabdns, "-conf", folder / "Corefile", "-dns.port", port]
        return COMMANDS[name](folder, port, self.zone, workers)
