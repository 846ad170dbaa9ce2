# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""CPU per query at full load, one worker: all servers up at once, compared inside short cycles."""

import random
import statistics
import time

from driver import catalog, machine, processes
from driver.failure import Failure
from driver.generator import Generator
from driver.report import Gate, Page, spread

SERVERS = ("ceiling", "fabdns", "gdnsd", "NSD", "Knot")
CYCLES = 40
SLICE_SECONDS = 0.4
DISTURBED_SHARE = 0.12  # of a core: what others may use of a slice, or the hypervisor steal
ATTEMPTS_PER_CYCLE = 3

METHOD = """All servers are up at once on core {server}, one worker each, over the same data (10,000 services of three A
records; one question in ten is for a name that does not exist), and the load generator on core {generator} keeps 240 queries
in flight. A cycle asks every server for {seconds} s in shuffled order, and ratios are taken inside a cycle, so that what drifts
cancels out; a cycle in which others used more than {share:.0%} of a core is thrown away: {good} of {tried} cycles count.
CPU is the scheduler's count of all the server's threads, user and system; figures are medians with quartiles."""


def _slice(generator, server):
    busy_before, steal_before = machine.busy_seconds()
    cpu_before, start = server.cpu_seconds(), time.monotonic()
    result = generator.run(server.port, "-d", SLICE_SECONDS)
    wall = time.monotonic() - start
    cpu = server.cpu_seconds() - cpu_before
    busy, steal = machine.busy_seconds()
    foreign = busy - busy_before - cpu - result["cpu_seconds"]
    return {
        "nanoseconds": cpu * 1e9 / max(1, result["answered"]),
        "rate": result["qps"],
        "lost": result["lost"],
        "busy": cpu / wall,
        "disturbed": max(foreign, steal - steal_before) / wall > DISTURBED_SHARE,
    }


def _cycles(generator, servers, wanted):
    """The cycles that count, and how many were tried."""
    good = []
    for attempt in range(1, wanted * ATTEMPTS_PER_CYCLE + 1):
        machine.wait_until_quiet()
        order = list(servers)
        random.Random(attempt).shuffle(order)
        cycle = {server.name: _slice(generator, server) for server in order}
        if not any(part["disturbed"] for part in cycle.values()):
            good.append(cycle)
        if len(good) == wanted:
            break
    if not good:
        raise Failure("no cycle counts: other processes use the cores")
    return good, attempt


def _page(cycles, attempts, fabdns):
    def ratios(name, reference):
        return [cycle[name]["nanoseconds"] / cycle[reference]["nanoseconds"] for cycle in cycles]

    def values(name, key):
        return [cycle[name][key] for cycle in cycles]

    names = [name for name in SERVERS if name in cycles[0]]
    rows = [
        (
            name,
            f"{statistics.median(values(name, 'rate')):,.0f}",
            spread(values(name, "nanoseconds"), 0),
            spread(ratios(name, "ceiling")),
            spread(ratios(name, "gdnsd")),
            f"{statistics.median(values(name, 'busy')):.0%}",
            sum(values(name, "lost")),
        )
        for name in names
    ]
    limits = [("ceiling", Gate.at_most, 1.12), ("gdnsd", Gate.at_most, 1.05), ("NSD", Gate.below, 1), ("Knot", Gate.below, 1)]
    gates = [
        gate(f"CPU per query, ratio to {name}", statistics.median(ratios("fabdns", name)), limit)
        for name, gate, limit in limits
    ]
    method = METHOD.format(
        server=machine.SERVER_CORE,
        generator=machine.GENERATOR_CORE,
        seconds=SLICE_SECONDS,
        share=DISTURBED_SHARE,
        good=len(cycles),
        tried=attempts,
    )
    header = ["server", "answers/s", "CPU ns per query", "ratio to ceiling", "ratio to gdnsd", "core busy", "lost"]
    return Page("full-load", "CPU per query at full load", method, header, rows, gates, fabdns)


def run(data, cycles=CYCLES):
    generator = Generator(data.questions)
    with processes.ServerGroup() as group:
        servers = []
        for name in SERVERS:
            port = processes.free_port()
            servers.append(group.start(name, data.command(name, port), port, data.folder / f"{name}.log"))
        for server in servers:
            server.wait_until_it_answers(catalog.PROBE)
            if server.name != "ceiling":
                generator.verify(server, catalog.SERVICES)
            generator.run(server.port, "-d", SLICE_SECONDS)  # warms caches and buffers up
        good, attempts = _cycles(generator, servers, cycles)
    return _page(good, attempts, data.fabdns)
