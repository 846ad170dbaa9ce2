# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""The machine: what a run needs of it, what it is, and who else uses it."""

import os
import platform
import shutil
import subprocess
import time

from driver.failure import Failure
from driver.places import ROOT

SERVER_CORE = 0
GENERATOR_CORE = 1
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
QUIET_SHARE = 0.05  # of one core
SBIN = ":/usr/local/sbin:/usr/sbin:/sbin"  # where Debian keeps servers; not in every user's PATH


def require(programs):
    """Installs what is missing and may be installed; says what still is missing, all of it at once."""
    os.environ["PATH"] += SBIN
    installer = ROOT / "scripts" / "install"
    if any(shutil.which(program) is None for program in programs) and installer.exists():
        subprocess.run([str(installer), "bench"], check=False)
    problems = [f"{program} is not installed" for program in programs if not shutil.which(program)]
    usable = os.sched_getaffinity(0)
    if not {SERVER_CORE, GENERATOR_CORE} <= usable:
        problems.append(
            f"two cores are needed, {SERVER_CORE} for the servers and {GENERATOR_CORE} for the load;"
            f" usable here: {sorted(usable)}"
        )
    if problems:
        raise Failure("; ".join(problems) + " (scripts/install bench installs the programs, as root)")


def pinned(command, core):
    """The command, kept on one core; None for any."""
    return ([] if core is None else ["taskset", "-c", str(core)]) + [str(part) for part in command]


def busy_seconds():
    """CPU seconds of all cores not idle, and those stolen by the hypervisor, since the machine started."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, idle, wait, irq, soft, steal = map(int, stat.readline().split()[1:9])
    del idle, wait
    return (user + nice + system + irq + soft) / TICKS_PER_SECOND, steal / TICKS_PER_SECOND


def wait_until_quiet(timeout_seconds=120):
    """Waits until nobody else computes; a run that starts anyway throws its disturbed cycles away."""
    end = time.monotonic() + timeout_seconds
    while time.monotonic() < end:
        before, _ = busy_seconds()
        time.sleep(0.3)
        after, _ = busy_seconds()
        if (after - before) / 0.3 <= QUIET_SHARE:
            return


def description():
    """Processor, cores, kernel and system in one line."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, {system}"
