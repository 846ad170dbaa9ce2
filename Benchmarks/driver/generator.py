# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Runs the load generator on its core."""

import json
import os
import re
import subprocess

from driver import machine, places
from driver.failure import Failure

FAULTS = ("wrong_rcode", "wrong_answer_count", "duplicates", "unexpected_ids", "malformed", "wrong_question")
VERIFY_ATTEMPTS = 3


class Generator:
    """load-generator over one file of questions. Results are its JSON, with `cpu_seconds` of its own."""

    def __init__(self, questions, core=machine.GENERATOR_CORE):
        self._command = [places.instrument("load-generator"), "-f", questions]
        self._core = core

    def start(self, port, *options):
        command = machine.pinned(self._command + ["-p", port, *options], self._core)
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def finish(self, process):
        output = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if not output:
            raise Failure("load-generator gave no result")
        result = json.loads(output)
        result["cpu_seconds"] = usage.ru_utime + usage.ru_stime
        return result

    def run(self, port, *options):
        return self.finish(self.start(port, *options))

    def verify(self, server, count):
        """Asks `count` questions and compares every answer: a benchmark of wrong answers is none.

        A machine that pauses may lose some: those rounds are asked again, wrong answers are not.
        """
        for _ in range(VERIFY_ATTEMPTS):
            result = self.run(server.port, "-n", count, "-v", "-t", 5000, "-l", 5000)
            faults = {fault: result[fault] for fault in FAULTS + ("lost",) if result[fault]}
            if set(faults) != {"lost"}:
                break
        if faults:
            raise Failure(f"{server.name} answers wrongly: {faults} of {count}")


class StreamGenerator:
    """dnsperf over TCP."""

    def __init__(self, questions, connections, outstanding):
        self._options = ["-m", "tcp", "-d", questions, "-c", connections, "-q", outstanding, "-T", 1, "-t", 5]

    def run(self, port, seconds):
        command = ["dnsperf", "-s", "127.0.0.1", "-p", port, "-l", seconds, *self._options]
        command = machine.pinned(command, machine.GENERATOR_CORE)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        output = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)

        def figure(label):
            found = re.search(label + r":\s+([\d.]+)", output)
            if not found:
                raise Failure(f"dnsperf says nothing of {label}:\n{output}")
            return float(found.group(1))

        return {
            "answered": int(figure("Queries completed")),
            "lost": int(figure("Queries lost")),
            "qps": figure("Queries per second"),
            "octets": self._octets(output),
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
        }

    @staticmethod
    def _octets(output):
        found = re.search(r"response (\d+)", output)
        return int(found.group(1)) if found else 0
