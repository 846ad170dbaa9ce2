# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Runs the load generator on its core."""

import json
import os
import subprocess

from driver import machine, places
from driver.failure import Failure

FAULTS = ("wrong_rcode", "wrong_answer_count", "duplicates", "unexpected_ids", "malformed", "wrong_question")


class Generator:
    """load-generator over one file of questions. Results are its JSON, with `cpu_seconds` of its own."""

    def __init__(self, questions):
        self._command = [places.instrument("load-generator"), "-f", questions]

    def start(self, port, *options):
        command = machine.pinned(self._command + ["-p", port, *options], machine.GENERATOR_CORE)
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
        """Asks `count` questions and compares every answer: a benchmark of wrong answers is none."""
        result = self.run(server.port, "-n", count, "-v", "-t", 5000, "-l", 5000)
        faults = {fault: result[fault] for fault in FAULTS + ("lost",) if result[fault]}
        if faults:
            raise Failure(f"{server.name} answers wrongly: {faults} of {count}")
