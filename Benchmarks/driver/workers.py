# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""CPU per query with two workers, which share both cores with the generator."""

from driver import cycles, peers, processes
from driver.generator import Generator
from driver.report import Gate, Page, spread

CYCLES = 12
SLICE_SECONDS = 0.6

METHOD = """Every server has two workers, and nothing is bound to a core: servers and generator share two cores, so the
throughput is not the servers' own, but what a query costs is. `fabdns, one worker` stands for what the second worker adds."""


def run(data, wanted=CYCLES):
    # Many sockets, so that the kernel's choice of worker by address and port is even.
    generator = Generator(data.questions, core=None)
    load = ("-d", SLICE_SECONDS, "-s", 16, "-w", 30)
    names = ["fabdns", "fabdns, one worker", *peers.PEERS]
    with processes.ServerGroup() as group:
        servers = data.start_all(group, names, workers=2, core=None)
        measured = cycles.Cycles(lambda server: generator.run(server.port, *load), servers, wanted)
    rows = [
        (
            name,
            f"{measured.median(name, 'qps'):,.0f}",
            spread(measured.values(name, "nanoseconds"), 0),
            measured.ratio_text(name, "gdnsd"),
        )
        for name in names
    ]
    gates = [
        Gate.at_most("CPU per query with two workers, ratio to gdnsd", measured.ratio("fabdns", "gdnsd"), 1.05),
        Gate.below("CPU per query with two workers, ratio to NSD", measured.ratio("fabdns", "NSD"), 1),
        Gate.below("CPU per query with two workers, ratio to Knot", measured.ratio("fabdns", "Knot"), 1),
    ]
    header = ["server", "answers/s", "CPU ns per query", "ratio to gdnsd"]
    return Page("workers", "Two workers", METHOD, header, rows, gates, data.fabdns)
