# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Servers compared inside short cycles: what drifts from minute to minute cancels out."""

import random
import statistics
import time

from driver import machine
from driver.failure import Failure
from driver.report import spread

DISTURBED_SHARE = 0.12  # of a core: what others may use of a slice, or the hypervisor steal
ATTEMPTS_PER_CYCLE = 3


def measure(load, server):
    """One slice of a server's time; `load` asks it and returns what came of that."""
    busy_before, steal_before = machine.busy_seconds()
    cpu_before, start = server.cpu_seconds(), time.monotonic()
    result = load(server)
    wall = time.monotonic() - start
    cpu = server.cpu_seconds() - cpu_before
    busy, steal = machine.busy_seconds()
    foreign = busy - busy_before - cpu - result["cpu_seconds"]
    return {
        **result,
        "nanoseconds": cpu * 1e9 / max(1, result["answered"]),
        "busy": cpu / wall,
        "disturbed": max(foreign, steal - steal_before) / wall > DISTURBED_SHARE,
    }


class Cycles:
    """The cycles that count: in each every server had its turn, in shuffled order."""

    def __init__(self, load, servers, wanted):
        self._cycles = []
        for attempt in range(1, wanted * ATTEMPTS_PER_CYCLE + 1):
            self.tried = attempt
            machine.wait_until_quiet()
            order = list(servers)
            random.Random(attempt).shuffle(order)
            cycle = {server.name: measure(load, server) for server in order}
            if not any(part["disturbed"] for part in cycle.values()):
                self._cycles.append(cycle)
            if len(self._cycles) == wanted:
                break
        if not self._cycles:
            raise Failure("no cycle counts: other processes use the cores")

    def __len__(self):
        return len(self._cycles)

    def values(self, name, key):
        return [cycle[name][key] for cycle in self._cycles]

    def median(self, name, key):
        return statistics.median(self.values(name, key))

    def ratios(self, name, reference, key="nanoseconds"):
        return [cycle[name][key] / cycle[reference][key] for cycle in self._cycles]

    def ratio(self, name, reference, key="nanoseconds"):
        return statistics.median(self.ratios(name, reference, key))

    def ratio_text(self, name, reference):
        return spread(self.ratios(name, reference))
