# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Servers as processes of ours: started on a free port, measured, ended by process id."""

import os
import signal
import socket
import subprocess
import time

from driver import machine, questions
from driver.failure import Failure

START_SECONDS = 60


def free_port():
    """A port that is free for UDP and TCP on the loopback address."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                try:
                    udp.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue
    raise Failure("no free port")


def _stat_fields(process):
    """The fields of /proc/PID/stat behind the name: state, parent, ..."""
    with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as stat:
        return stat.read().rpartition(")")[2].split()


class Server:
    """A running server with all the processes it started."""

    def __init__(self, name, command, port, log, core=machine.SERVER_CORE):
        self.name = name
        self.port = port
        self._log = log
        command = machine.pinned(command, core)
        with open(log, "wb") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    @property
    def process(self):
        return self._process.pid

    def processes(self):
        """Ids of the server's process and its descendants, parents first."""
        children = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                children.setdefault(int(_stat_fields(entry)[1]), []).append(int(entry))
            except (FileNotFoundError, ProcessLookupError):
                continue
        found = [self._process.pid]
        for parent in found:
            found.extend(children.get(parent, []))
        return found

    def cpu_seconds(self):
        """CPU seconds of all its threads that live, user and system, by the scheduler's clock."""
        nanoseconds = 0
        for process in self.processes():
            try:
                for thread in os.listdir(f"/proc/{process}/task"):
                    with open(f"/proc/{process}/task/{thread}/schedstat", encoding="ascii") as stat:
                        nanoseconds += int(stat.read().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
        return nanoseconds / 1e9

    def resident_octets(self):
        """Resident memory of its own process."""
        with open(f"/proc/{self.process}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def wait_until_it_answers(self, name, seconds=START_SECONDS):
        """Waits until the server answers the question with a record."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            if questions.ask(self.port, name, timeout_seconds=0.5):
                return
            time.sleep(0.05)
        with open(self._log, encoding="utf-8", errors="replace") as log:
            raise Failure(f"{self.name} does not answer for {name}; its last words:\n{log.read()[-2000:]}")

    def stop(self):
        """Ends the server and what it started: politely, then at once."""
        processes = self.processes()
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in reversed(processes):
                try:
                    os.kill(process, number)
                except ProcessLookupError:
                    continue
            try:
                self._process.wait(5)
                break
            except subprocess.TimeoutExpired:
                continue


class ServerGroup:
    """Servers that are all ended when the `with` block is left, however it is left."""

    def __init__(self):
        self._servers = []

    def __enter__(self):
        return self

    def start(self, *arguments, **options):
        self._servers.append(Server(*arguments, **options))
        return self._servers[-1]

    def __exit__(self, *_):
        for server in self._servers:
            server.stop()
