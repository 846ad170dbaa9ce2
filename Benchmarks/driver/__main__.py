# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""The verbs of scripts/bench."""

import argparse
import pathlib
import signal
import sys
import tempfile

from driver import full_load, growth, instructions, machine, places, rates, reloads, streams, swaps, workers
from driver.failure import Failure
from driver.peers import Peers

PROGRAMS = {
    "full-load": ["taskset", "nsd", "knotd", "gdnsd"],
    "rates": ["taskset", "nsd", "knotd", "gdnsd"],
    "workers": ["nsd", "knotd", "gdnsd"],
    "streams": ["taskset", "nsd", "knotd", "gdnsd", "dnsperf"],
    "growth": ["taskset", "dnsperf"],
    "instructions": ["taskset", "nsd", "knotd", "gdnsd", "valgrind", "callgrind_control"],
    "swaps": ["taskset"],
    "reloads": ["taskset", "openssl"],
}


def _arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures the server against its peers.")
    parser.add_argument("verb", choices=[*PROGRAMS, "all"])
    parser.add_argument("--cycles", type=int, help="how often every server has its turn")
    parser.add_argument("--swaps", type=int, default=swaps.SWAPS, help="swaps of the catalog")
    parser.add_argument("--no-gates", action="store_true", help="exit 0 even when a gate is missed")
    parser.add_argument("--no-write", action="store_true", help="print only, leave docs/benchmarks alone")
    return parser.parse_args()


def _interrupted(*_):
    raise Failure("interrupted")


def _run(verb, data, arguments):
    if verb == "swaps":
        return swaps.run(data, arguments.swaps)
    if verb in ("instructions", "reloads"):
        return {"instructions": instructions, "reloads": reloads}[verb].run(data)
    modules = {"full-load": full_load, "rates": rates, "workers": workers, "streams": streams, "growth": growth}
    module = modules[verb]
    return module.run(data, arguments.cycles or module.CYCLES)


def main():
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGINT, _interrupted)
    verbs = list(PROGRAMS) if arguments.verb == "all" else [arguments.verb]
    try:
        machine.require(sorted({program for verb in verbs for program in PROGRAMS[verb]}))
        fabdns = places.fabdns()
        held = True
        for verb in verbs:
            with tempfile.TemporaryDirectory(prefix="fabdns-bench-") as folder:
                data = Peers(pathlib.Path(folder), fabdns)
                page = _run(verb, data, arguments)
                page.publish(writes=not arguments.no_write)
                held = held and page.holds()
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    return 0 if held or arguments.no_gates else 1
