# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""CPU per query and latency at rates that leave the server time to sleep."""

from driver import cycles, machine, peers, processes
from driver.generator import Generator
from driver.report import Gate, Page, spread

RATES = (1_000, 20_000)
CYCLES = 8
SLICE_SECONDS = 3

METHOD = """As at full load, but the generator asks at Poisson instants, {rates} queries a second, {seconds} s each, and counts
latency from the instant a query was due. Between queries a server sleeps, so what a wake-up costs is in the figures."""


def run(data, wanted=CYCLES):
    generator = Generator(data.questions)
    names = ["ceiling", "fabdns", *peers.PEERS]
    rows, gates = [], []
    with processes.ServerGroup() as group:
        servers = data.start_all(group, names)
        for rate in RATES:
            load = ("-r", rate, "-d", SLICE_SECONDS)
            measured = cycles.Cycles(lambda server: generator.run(server.port, *load), servers, wanted)
            for name in names:
                rows.append(
                    (
                        f"{rate:,}/s",
                        name,
                        spread([value / 1000 for value in measured.values(name, "nanoseconds")], 1),
                        measured.ratio_text(name, "gdnsd"),
                        f"{measured.median(name, 'p50_us'):.0f}",
                        f"{measured.median(name, 'p99_us'):.0f}",
                    )
                )
            gates.append(Gate.at_most(f"CPU per query at {rate:,}/s, ratio to gdnsd", measured.ratio("fabdns", "gdnsd"), 1.1))
            for key in ("p50_us", "p99_us"):
                ratio = measured.ratio("fabdns", "NSD", key)
                gates.append(Gate.at_most(f"{key.removesuffix('_us')} at {rate:,}/s, ratio to NSD", ratio, 1))
    method = METHOD.format(rates=" and ".join(f"{rate:,}" for rate in RATES), seconds=SLICE_SECONDS)
    header = ["rate", "server", "CPU us per query", "ratio to gdnsd", "p50 us", "p99 us"]
    return Page("rates", "CPU per query and latency at low rates", method, header, rows, gates, data.fabdns)
