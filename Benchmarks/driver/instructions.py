# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""User-space instructions per query, counted by callgrind: the figure that no machine blurs."""

import subprocess
import time

from driver import catalog, processes
from driver.failure import Failure
from driver.generator import Generator
from driver.report import Gate, Page

SERVERS = ("fabdns", "fabdns with metrics", "fabdns with log", "gdnsd", "NSD", "Knot")
QUERIES = 20_000
START_SECONDS = 300  # valgrind makes the loading of a zone fifty times slower
PATIENCE = ("-t", 5000, "-l", 5000)

METHOD = f"""Each server runs alone under callgrind with one worker. After {catalog.SERVICES:,} questions to warm up, the counters are
set to zero, {QUERIES:,} queries are asked in a closed loop of 240 in flight, and the counters of all its threads and processes are
dumped. Instructions in the kernel are not counted: they are most of the cost, and the same for all but for their number of calls."""


def _control(server, flag):
    """Zeroes or dumps the counters of every process of the server."""
    for process in server.processes():
        subprocess.run(["callgrind_control", flag, str(process)], capture_output=True, timeout=60)


def _instructions(folder):
    total = 0
    for dump in folder.glob("counts.*.1"):  # the first dump of each process
        for line in dump.read_text(errors="replace").splitlines():
            if line.startswith(("summary:", "totals:")):
                total += int(line.split()[1])
                break
    return total


def _measure(data, name):
    folder = data.folder / f"callgrind-{name}"
    folder.mkdir()
    valgrind = ["valgrind", "--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={folder}/counts.%p"]
    generator, port = Generator(data.questions), processes.free_port()
    with processes.ServerGroup() as group:
        server = group.start(name, valgrind + data.command(name, port), port, folder / "log")
        server.wait_until_it_answers(catalog.PROBE, START_SECONDS)
        generator.verify(server, catalog.SERVICES)
        _control(server, "-z")
        result = generator.run(port, "-n", QUERIES, *PATIENCE)
        _control(server, "-d")
        time.sleep(1)
        total = _instructions(folder)
    # A server this slow may let a few fall out of its receive buffer; none of them is counted.
    if not total or result["lost"] > QUERIES // 1000:
        raise Failure(f"{name} under callgrind: {total} instructions, {result['lost']} of {QUERIES} queries lost")
    return total / result["answered"]


def run(data):
    measured = {name: _measure(data, name) for name in SERVERS}
    rows = [(name, f"{count:,.0f}", f"{count / measured['gdnsd']:.2f}") for name, count in measured.items()]
    gate = Gate.at_most("instructions per query, ratio to gdnsd", measured["fabdns"] / measured["gdnsd"], 0.5)
    header = ["server", "instructions per query", "ratio to gdnsd"]
    return Page("instructions", "User-space instructions per query", METHOD, header, rows, [gate], data.fabdns)
