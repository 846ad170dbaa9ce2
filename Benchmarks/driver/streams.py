# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""CPU per query over long-lived TCP connections with many queries under way: NodeLocal DNSCache's way."""

from driver import cycles, peers, processes
from driver.generator import StreamGenerator
from driver.report import Gate, Page, spread

CYCLES = 8
SLICE_SECONDS = 2
CONNECTIONS = 4
OUTSTANDING = 200

METHOD = """dnsperf keeps {connections} connections open and {outstanding} queries under way over them, {seconds} s per server and
cycle, one worker each."""


def run(data, wanted=CYCLES):
    generator = StreamGenerator(data.dnsperf_questions, CONNECTIONS, OUTSTANDING)
    names = ["fabdns", *peers.PEERS]
    with processes.ServerGroup() as group:
        servers = data.start_all(group, names)
        measured = cycles.Cycles(lambda server: generator.run(server.port, SLICE_SECONDS), servers, wanted)
    rows = [
        (
            name,
            f"{measured.median(name, 'qps'):,.0f}",
            spread(measured.values(name, "nanoseconds"), 0),
            measured.ratio_text(name, "Knot"),
            sum(measured.values(name, "lost")),
        )
        for name in names
    ]
    gates = [Gate.at_most("CPU per query over TCP, ratio to Knot", measured.ratio("fabdns", "Knot"), 1)]
    method = METHOD.format(connections=CONNECTIONS, outstanding=OUTSTANDING, seconds=SLICE_SECONDS)
    header = ["server", "answers/s", "CPU ns per query", "ratio to Knot", "lost"]
    return Page("streams", "TCP, pipelined", method, header, rows, gates, data.fabdns)
