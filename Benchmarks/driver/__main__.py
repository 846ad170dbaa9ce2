# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""The verbs of scripts/bench."""

import argparse
import pathlib
import signal
import sys
import tempfile

from driver import full_load, instructions, machine, places, swaps
from driver.failure import Failure
from driver.peers import Peers

PROGRAMS = {
    "full-load": ["taskset", "nsd", "knotd", "gdnsd"],
    "instructions": ["taskset", "nsd", "knotd", "gdnsd", "valgrind", "callgrind_control"],
    "swaps": ["taskset"],
}


def _arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures the server against its peers.")
    parser.add_argument("verb", choices=[*PROGRAMS, "all"])
    parser.add_argument("--cycles", type=int, default=full_load.CYCLES, help="cycles of full-load")
    parser.add_argument("--swaps", type=int, default=swaps.SWAPS, help="swaps of the catalog")
    parser.add_argument("--no-gates", action="store_true", help="exit 0 even when a gate is missed")
    parser.add_argument("--no-write", action="store_true", help="print only, leave docs/benchmarks alone")
    return parser.parse_args()


def _interrupted(*_):
    raise Failure("interrupted")


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
                if verb == "full-load":
                    page = full_load.run(data, arguments.cycles)
                elif verb == "instructions":
                    page = instructions.run(data)
                else:
                    page = swaps.run(data, arguments.swaps)
                page.publish(writes=not arguments.no_write)
                held = held and page.holds()
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    return 0 if held or arguments.no_gates else 1
