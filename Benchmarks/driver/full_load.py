# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""CPU per query at full load, one worker: all servers up at once, compared inside short cycles."""

from driver import catalog, cycles, machine, peers, processes
from driver.generator import Generator
from driver.report import Gate, Page, spread

CYCLES = 40
SLICE_SECONDS = 0.4

METHOD = """All servers are up at once on core {server}, one worker each, over the same data (10,000 services of three A
records; one question in ten is for a name that does not exist), and the load generator on core {generator} keeps 240 queries
in flight. A cycle asks every server for {seconds} s in shuffled order, and ratios are taken inside a cycle, so that what drifts
cancels out; a cycle in which others used more than {share:.0%} of a core is thrown away: {good} of {tried} cycles count.
CPU is the scheduler's count of all the server's threads, user and system; figures are medians with quartiles."""


def _page(measured, names, fabdns):
    rows = [
        (
            name,
            f"{measured.median(name, 'qps'):,.0f}",
            spread(measured.values(name, "nanoseconds"), 0),
            measured.ratio_text(name, "ceiling"),
            measured.ratio_text(name, "gdnsd"),
            f"{measured.median(name, 'busy'):.0%}",
            sum(measured.values(name, "lost")),
        )
        for name in names
    ]
    limits = [("ceiling", Gate.at_most, 1.12), ("gdnsd", Gate.at_most, 1.05), ("NSD", Gate.below, 1), ("Knot", Gate.below, 1)]
    if "CoreDNS" in names:
        limits.append(("CoreDNS", Gate.below, 1 / 6))
    gates = [
        gate(f"CPU per query, ratio to {name}", measured.ratio("fabdns", name), limit) for name, gate, limit in limits
    ]
    method = METHOD.format(
        server=machine.SERVER_CORE,
        generator=machine.GENERATOR_CORE,
        seconds=SLICE_SECONDS,
        share=cycles.DISTURBED_SHARE,
        good=len(measured),
        tried=measured.tried,
    )
    header = ["server", "answers/s", "CPU ns per query", "ratio to ceiling", "ratio to gdnsd", "core busy", "lost"]
    return Page("full-load", "CPU per query at full load", method, header, rows, gates, fabdns)


def run(data, wanted=CYCLES):
    generator = Generator(data.questions)
    names = ["ceiling", "fabdns", *peers.PEERS, *peers.core_dns()]
    with processes.ServerGroup() as group:
        servers = data.start_all(group, names)
        for server in servers:
            if server.name != "ceiling":
                generator.verify(server, catalog.SERVICES)
            generator.run(server.port, "-d", SLICE_SECONDS)  # warms caches and buffers up
        measured = cycles.Cycles(lambda server: generator.run(server.port, "-d", SLICE_SECONDS), servers, wanted)
    return _page(measured, names, data.fabdns)
