# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Queries lost while every directive comes, breaks and goes by reloads under load."""

import os
import signal
import subprocess
import time

from driver import catalog, machine, processes
from driver.failure import Failure
from driver.generator import FAULTS, Generator
from driver.report import Gate, Page

RATE = 20_000
LONGEST_RUN_SECONDS = 3600
RELOADED_WITHIN_SECONDS = 10

METHOD = """The server runs with one worker on core {server}, the generator on core {generator} asks {rate:,} queries a second. For every
directive the Corefile is replaced three times and SIGUSR1 sent: with the directive changed, with a form that is refused, and as it
was. A reload is done when the log says that it was served or refused; every query but those that came before and after counts."""

COREFILE = """global {{
    bind 127.0.0.1
    multisocket 1
    {directive}
    fabdns {{
        catalog {catalog}
        cluster beijing
        zone beijing
        region north
        ttl 5
    }}
}}
{block}
"""


def _directives(folder, port):
    """Each by name: the good form and the refused one."""
    tls = f"tls {folder}/tls.pem {folder}/tls.key"
    return {
        "acl": ("acl {\n allow net 127.0.0.0/8\n block\n }", "acl {\n block net x\n }"),
        "any": ("any", "any x"),
        "bind": ("bind 127.0.0.2", "bind 127.0.0.1:1"),
        "bufsize": ("bufsize 1232", "bufsize 1"),
        "cache": ("cache 30", "cache 0"),
        "chaos": ("chaos 1", "chaos {\n }"),
        "errors": ("errors", "errors x"),
        "health": (f"health 127.0.0.1:{port()}", "health x"),
        "loadbalance": ("loadbalance", "loadbalance x"),
        "log": ("log {\n class error\n }", "log {\n class x\n }"),
        "nsid": ("nsid x", "nsid {\n }"),
        "prometheus": (f"prometheus 127.0.0.1:{port()}", "prometheus x"),
        "ready": (f"ready 127.0.0.1:{port()}", "ready x"),
        "reload": ("reload 2s", "reload 1s"),
        "timeouts": ("timeouts {\n idle 5s\n }", "timeouts {\n idle x\n }"),
        "tls": (f"}}\ntls://global:{port()} {{\n bind 127.0.0.1\n {tls}", f"}}\ntls://global:{port()} {{\n tls /nowhere /nowhere"),
        "whoami": ("whoami", "whoami x"),
    }


class _Reloads:
    def __init__(self, data, log):
        self._data, self._log = data, log
        self._path = data.folder / "reloads.Corefile"

    def command(self, port):
        self.write("", "")
        return [self._data.fabdns, "-conf", self._path, "-dns.port", port]

    def write(self, directive, block):
        text = COREFILE.format(directive=directive, catalog=self._data.catalog, block=block)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(text)
        os.rename(fresh, self._path)

    def reload(self, server, directive, expected):
        """Seconds until the log has said `expected` once more."""
        before = self._log.read_text().count(expected)
        block = ""
        if directive.startswith("}"):
            # A second server block: the text closes the first one's place.
            block, directive = directive.removeprefix("}\n") + "\n fabdns {\n catalog " + str(self._data.catalog) + "\n }\n}", ""
        self.write(directive, block)
        start = time.monotonic()
        os.kill(server.process, signal.SIGUSR1)
        while self._log.read_text().count(expected) <= before:
            if time.monotonic() - start > RELOADED_WITHIN_SECONDS:
                raise Failure(f"no '{expected}' after: {directive or block}\n{self._log.read_text()[-2000:]}")
            time.sleep(0.01)
        return time.monotonic() - start


def _certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", folder / "tls.key", "-out", folder / "tls.pem"],
        check=True, capture_output=True,
    )


def run(data):
    _certificate(data.folder)
    generator = Generator(data.questions)
    port = processes.free_port()
    log = data.folder / "reloads.log"
    reloads = _Reloads(data, log)
    rows = []
    with processes.ServerGroup() as group:
        server = group.start("fabdns", reloads.command(port), port, log)
        server.wait_until_it_answers(catalog.PROBE)
        process = generator.start(port, "-d", LONGEST_RUN_SECONDS, "-r", RATE, "-j")
        try:
            time.sleep(1)
            for name, (good, refused) in _directives(data.folder, processes.free_port).items():
                seconds = [
                    reloads.reload(server, good, "reloaded"),
                    reloads.reload(server, refused, "reload failed, nothing has changed"),
                    reloads.reload(server, "", "reloaded"),
                ]
                rows.append((f"`{name}`", *(f"{value * 1000:,.0f}" for value in seconds)))
        finally:
            time.sleep(0.5)
            process.terminate()
            during = generator.finish(process)
    lost = max(0, during["lost"] - during["own_drops"])
    gates = [
        Gate.at_most("queries lost", lost, 0),
        Gate.at_most("wrong answers", sum(during[fault] for fault in FAULTS), 0),
    ]
    note = f"{during['sent']:,} queries, {lost} lost; p99 {during['p99_us']:,.0f} us, longest {during['max_us']:,.0f} us."
    method = METHOD.format(server=machine.SERVER_CORE, generator=machine.GENERATOR_CORE, rate=RATE)
    header = ["directive", "changed, ms", "refused, ms", "restored, ms"]
    return Page("reloads", "Queries lost over reloads", method, header, rows, gates, data.fabdns, [note])
