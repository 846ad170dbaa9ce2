# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Queries lost while the whole catalog is replaced, again and again, under load."""

import os
import pathlib
import time

from driver import catalog, machine, processes, questions
from driver.failure import Failure
from driver.generator import FAULTS, Generator
from driver.report import Gate, Page

SWAPS = 100
RATE = 50_000
VARIANTS = 4
QUIET_SECONDS = 5
ANSWERED_WITHIN_SECONDS = 30
PAUSE_SECONDS = 0.1
LARGE_SERVICES = 100_000
LARGE_RATE = 20_000
LARGE_SWAPS = 3
LONGEST_RUN_SECONDS = 3600

METHOD = """The server runs with one worker on core {server}, its loading included; the generator on core {generator} asks {rate:,} queries
a second at Poisson instants and counts latency from the instant a query was due. Meanwhile the catalog file of 10,000 services is
replaced {swaps} times by rename(2) with one in which every address is another; a swap is done when the first and the last service
answer with their new addresses, and the next one follows. Datagrams that the kernel dropped at the server's full socket are among
the lost and also shown apart; those dropped at the generator's own sockets are its fault and not counted."""


def _server_drops(port):
    drops = 0
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        for line in pathlib.Path(table).read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == port:
                drops += int(fields[-1])
    return drops


class _Catalog:
    """A served catalog file that is replaced, and what its first and last services answer then."""

    def __init__(self, folder, path, port, services):
        self._folder, self._path, self._port = folder, path, port
        self._last = services - 1

    def put(self, fresh, expected):
        """Replaces the file and waits for answers; `expected` are addresses by service. The seconds that took."""
        start = time.monotonic()
        link = self._folder / "catalog.new"
        os.link(fresh, link)
        os.rename(link, self._path)
        while time.monotonic() - start < ANSWERED_WITHIN_SECONDS:
            if all(
                questions.ask(self._port, f"svc{service:05}.default.svc.global.") == sorted(addresses)
                for service, addresses in expected.items()
            ):
                return time.monotonic() - start
            time.sleep(0.02)
        raise Failure(f"{fresh.name} is not answered after {ANSWERED_WITHIN_SECONDS} s")

    def swap(self, fresh, variant):
        return self.put(fresh, {service: catalog.addresses(service, variant) for service in (0, self._last)})


def _lost(result):
    return max(0, result["lost"] - result["own_drops"])


def run(data, swaps=SWAPS):
    variants = [data.folder / f"catalog.{variant}" for variant in range(VARIANTS)]
    for variant, path in enumerate(variants):
        catalog.write_catalog(path, variant)
    generator = Generator(data.questions)
    port = processes.free_port()
    with processes.ServerGroup() as group:
        server = group.start("fabdns", data.command("fabdns", port), port, data.folder / "swaps.log")
        server.wait_until_it_answers(catalog.PROBE)
        generator.verify(server, catalog.SERVICES)
        served = _Catalog(data.folder, data.catalog, port, catalog.SERVICES)
        machine.wait_until_quiet()
        load = ["-r", RATE, "-j"]
        before = generator.run(port, "-d", QUIET_SECONDS, *load)
        drops_before = _server_drops(port)
        process = generator.start(port, "-d", LONGEST_RUN_SECONDS, *load)
        try:
            seconds = []
            for generation in range(1, swaps + 1):
                variant = generation % VARIANTS
                seconds.append(served.swap(variants[variant], variant))
                time.sleep(PAUSE_SECONDS)
        finally:
            process.terminate()
            during = generator.finish(process)
        drops = _server_drops(port) - drops_before
    return _page(before, during, drops, seconds, _large(data), data.fabdns)


def _large(data):
    """What a large catalog's changes take under load: the generator's result, and seconds of swaps and of changes."""
    folder = data.folder / "large"
    folder.mkdir()
    whole = [folder / f"catalog.{variant}" for variant in range(2)]
    for variant, path in enumerate(whole):
        catalog.write_catalog(path, variant, LARGE_SERVICES)
    changed = folder / "catalog.changed"
    catalog.write_catalog(changed, 0, LARGE_SERVICES, changed=LARGE_SERVICES // 2)
    path, port = folder / "catalog.json", processes.free_port()
    os.link(whole[0], path)
    catalog.write_corefile(folder / "Corefile", path)
    generator = Generator(data.questions)
    with processes.ServerGroup() as group:
        command = [data.fabdns, "-conf", folder / "Corefile", "-dns.port", port]
        group.start("fabdns", command, port, folder / "log").wait_until_it_answers(catalog.PROBE)
        served = _Catalog(folder, path, port, LARGE_SERVICES)
        process = generator.start(port, "-d", LONGEST_RUN_SECONDS, "-r", LARGE_RATE, "-j")
        try:
            time.sleep(PAUSE_SECONDS)
            swaps, changes = [], []
            middle = LARGE_SERVICES // 2
            for _ in range(LARGE_SWAPS):
                changes.append(served.put(changed, {middle: catalog.addresses(middle, 1)}))
                swaps.append(served.swap(whole[1], 1))
                swaps.append(served.swap(whole[0], 0))
        finally:
            process.terminate()
            during = generator.finish(process)
    return during, swaps, changes


def _page(before, during, drops, seconds, large, fabdns):
    def row(title, result, server_drops):
        percentiles = [f"{result[key]:,.0f}" for key in ("p50_us", "p99_us", "p999_us", "max_us")]
        return (title, f"{result['sent']:,}", _lost(result), server_drops, result["own_drops"], *percentiles)

    faults = sum(during[fault] for fault in FAULTS)
    seconds = sorted(seconds)
    gates = [
        Gate.at_most("queries lost", _lost(during), 0),
        Gate.at_most("wrong answers", faults, 0),
    ]
    note = (
        f"A swap was answered after {seconds[len(seconds) // 2]:.2f} s in the median, {seconds[-1]:.2f} s at most,"
        " counted from the rename. The server reads and compiles on the core that answers, so a query may wait for the"
        " scheduler's time slice of a few milliseconds: that is the 99th percentile during swaps."
    )
    large_during, large_swaps, large_changes = large
    gates.append(Gate.at_most(f"queries lost with {LARGE_SERVICES:,} services", _lost(large_during), 0))
    large_note = (
        f"With {LARGE_SERVICES:,} services and {LARGE_RATE:,} queries a second a swap of all was answered after"
        f" {max(large_swaps):.1f} s at most, a change of one service in the file after {max(large_changes):.1f} s:"
        " the whole file is read for it."
    )
    method = METHOD.format(
        server=machine.SERVER_CORE, generator=machine.GENERATOR_CORE, rate=RATE, swaps=len(seconds)
    )
    header = ["50,000 queries a second", "sent", "lost", "of these dropped at the server's socket",
              "dropped at the generator's", "p50 us", "p99 us", "p99.9 us", "longest us"]
    rows = [
        row("before", before, 0),
        row("during swaps", during, drops),
        row(f"{LARGE_SERVICES:,} services, {LARGE_RATE:,}/s", large_during, "–"),
    ]
    title = "Queries lost while the catalog is swapped"
    return Page("swaps", title, method, header, rows, gates, fabdns, [note, large_note])
