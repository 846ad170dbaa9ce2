# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""What grows with the catalog: cost of a query, time to load, memory; and with idle connections."""

import ipaddress
import itertools
import json
import random
import resource
import socket
import time
import urllib.request

from driver import catalog, chart, cycles, machine, places, processes
from driver.generator import Generator, StreamGenerator
from driver.report import Gate, Page, table

CYCLES = 8
SLICE_SECONDS = 0.5
NAMES = (1_000, 10_000, 100_000, 1_000_000)
NAMES_PER_SERVICE = 3  # the service, and two forms for its cluster
QUESTIONS = 100_000
ENDPOINTS = (3, 10, 100, 1_000)
SERVICES_OF_ENDPOINTS = 100
STREAM_SECONDS = 2
HOSTS = 1_000_000
HOSTS_PER_SERVICE = 100
CLUSTERS = 4
IDLE_CONNECTIONS = 10_000
START_SECONDS = 300

METHOD = """One worker on core {server}, the generator on core {generator}. Sizes are compared inside cycles, all servers up at
once; questions are at most {questions:,} services in random order, so that the whole of a catalog is touched. A service has three
A records and three names. Memory is resident memory after loading."""

ADDRESSES = int(ipaddress.ip_address("10.0.0.0"))


def _address(number):
    return str(ipaddress.ip_address(ADDRESSES + number))


def _write(path, services):
    """The services one by one: a million of them do not fit into memory here twice."""
    with open(path, "w", encoding="ascii") as file:
        file.write("[")
        for number, (name, kind, endpoints) in enumerate(services):
            item = {
                "apiVersion": "dns.fabedge.io/v1alpha1",
                "kind": "GlobalService",
                "metadata": {"name": name, "namespace": "default"},
                "spec": {"type": kind, "endpoints": endpoints},
            }
            file.write((",\n" if number else "") + json.dumps(item, separators=(",", ":")))
        file.write("]\n")


def _plain_services(count, endpoints):
    for number in range(count):
        first = number * endpoints
        yield f"svc{number:06}", "ClusterIP", [{
            "addresses": [_address(first + k) for k in range(endpoints)], "cluster": "beijing", "zone": "beijing",
            "region": "north",
        }]


def _headless_services():
    for number in range(HOSTS // HOSTS_PER_SERVICE):
        yield f"svc{number:06}", "Headless", [
            {
                "addresses": [_address(number * HOSTS_PER_SERVICE + host)], "hostname": f"pod-{host}",
                "cluster": f"cluster{host % CLUSTERS}", "zone": f"zone{host % CLUSTERS}", "region": "north",
            }
            for host in range(HOSTS_PER_SERVICE)
        ]


class _Sized:
    """A server over a catalog of its own."""

    def __init__(self, data, group, name, services, more=""):
        self.folder = data.folder / name
        self.folder.mkdir()
        self.catalog = self.folder / "catalog.json"
        _write(self.catalog, services)
        corefile = self.folder / "Corefile"
        catalog.write_corefile(corefile, self.catalog, more)
        port = processes.free_port()
        start = time.monotonic()
        command = [data.fabdns, "-conf", corefile, "-dns.port", port]
        self.server = group.start(name, command, port, self.folder / "log")
        self.server.wait_until_it_answers("ns.dns.global.", START_SECONDS)
        self.load_seconds = time.monotonic() - start

    def write_questions(self, services, records):
        """For the load generator; and the same for dnsperf."""
        numbers = list(range(services))
        random.Random(1).shuffle(numbers)
        names = [f"svc{number:06}.default.svc.{catalog.ZONE}." for number in numbers[:QUESTIONS]]
        self.questions = self.folder / "questions"
        self.questions.write_text("".join(f"{name} A NOERROR {records}\n" for name in names))
        self.dnsperf_questions = self.folder / "questions.dnsperf"
        self.dnsperf_questions.write_text("".join(f"{name} A\n" for name in names))


def _names(data, wanted):
    with processes.ServerGroup() as group:
        sized = {}
        for names in NAMES:
            services = names // NAMES_PER_SERVICE
            one = sized[f"{names:,}"] = _Sized(data, group, f"{names:,}", _plain_services(services, 3))
            one.write_questions(services, 3)
            one.octets = one.server.resident_octets()
            one.generator = Generator(one.questions)
        measured = cycles.Cycles(
            lambda server: sized[server.name].generator.run(server.port, "-d", SLICE_SECONDS),
            [one.server for one in sized.values()],
            wanted,
        )
    smallest, largest = f"{NAMES[0]:,}", f"{NAMES[-1]:,}"
    rows = [
        (
            name,
            f"{measured.median(name, 'nanoseconds'):,.0f}",
            measured.ratio_text(name, smallest),
            f"{one.load_seconds:.2f}",
            f"{one.octets / 2**20:,.0f}",
        )
        for name, one in sized.items()
    ]
    gate = Gate.at_most("CPU per query at 1,000,000 names, ratio to that at 1,000", measured.ratio(largest, smallest), 1.3)
    ratios = [(names, measured.ratio(f"{names:,}", smallest)) for names in NAMES]
    text = table(["names", "CPU ns per query", "ratio to 1,000 names", "seconds to load", "memory MiB"], rows)
    return text, gate, ratios


def _endpoints(data, wanted):
    with processes.ServerGroup() as group:
        sized = {}
        for endpoints in ENDPOINTS:
            one = sized[f"{endpoints:,}"] = _Sized(
                data, group, f"endpoints-{endpoints}", _plain_services(SERVICES_OF_ENDPOINTS, endpoints)
            )
            one.server.name = f"{endpoints:,}"
            one.write_questions(SERVICES_OF_ENDPOINTS, endpoints)
            one.generator = StreamGenerator(one.dnsperf_questions, 4, 50)
        measured = cycles.Cycles(
            lambda server: sized[server.name].generator.run(server.port, STREAM_SECONDS),
            [one.server for one in sized.values()],
            max(2, wanted // 2),
        )
    rows = []
    for name in sized:
        octets = measured.median(name, "octets")
        nanoseconds = measured.median(name, "nanoseconds")
        rows.append((name, f"{octets:,.0f}", f"{nanoseconds:,.0f}", f"{nanoseconds / octets:.1f}"))
    return table(["endpoints", "octets of the answer", "CPU ns per query over TCP", "ns per octet"], rows)


def _metric(port, name):
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30).read().decode()
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(name + "{"))


def _memory(data):
    pages = processes.free_port()
    with processes.ServerGroup() as group:
        one = _Sized(data, group, "hosts", _headless_services(), f"prometheus 127.0.0.1:{pages}")
        octets = one.server.resident_octets()
        parts = [("records", _metric(pages, "fabdns_answers_bytes")), ("tables", _metric(pages, "fabdns_tables_bytes"))]
    parts.append(("catalog, program, allocator", octets - sum(value for _, value in parts)))
    rows = [(name, f"{value / 2**20:,.0f}", f"{value / HOSTS:,.0f}") for name, value in [*parts, ("all", octets)]]
    gate = Gate.at_most("bytes per headless endpoint at 1,000,000", octets / HOSTS, 500)
    note = (
        f"{HOSTS:,} headless endpoints with host names and one address each, {HOSTS_PER_SERVICE} a service, in {CLUSTERS}"
        f" clusters; loaded in {one.load_seconds:.1f} s."
    )
    return note + "\n\n" + table(["memory", "MiB", "bytes per endpoint"], rows), gate


def _connections(data):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE_CONNECTIONS + 500
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(wanted, 1024), hard), hard))
    count = min(IDLE_CONNECTIONS, hard - 500)
    with processes.ServerGroup() as group:
        one = _Sized(data, group, "connections", _plain_services(10, 3), "timeouts {\n idle 1h\n }")
        before = one.server.resident_octets()
        sockets = []
        for _ in itertools.repeat(None, count):
            client = socket.create_connection(("127.0.0.1", one.server.port), timeout=10)
            sockets.append(client)
        # Answered on the last one: the server has accepted all that came before.
        query = b"\0\1\0\0\0\1\0\0\0\0\0\0\6global\0\0\6\0\1"
        for client in sockets[:: max(1, count // 100)] + sockets[-1:]:
            client.sendall(len(query).to_bytes(2, "big") + query)
            client.recv(512)
        after = one.server.resident_octets()
        for client in sockets:
            client.close()
    each = (after - before) / count
    gate = Gate.at_most("bytes per idle TCP connection", each, 4096)
    return f"{count:,} idle TCP connections: {each:,.0f} bytes each in the process.", gate


def run(data, wanted=CYCLES):
    names, names_gate, ratios = _names(data, wanted)
    endpoints = _endpoints(data, wanted)
    memory, memory_gate = _memory(data)
    connections, connections_gate = _connections(data)
    picture = places.DOCS / "growth.svg"
    places.DOCS.mkdir(parents=True, exist_ok=True)
    picture.write_text(chart.lines("CPU per query, ratio to 1,000 names", ratios))
    method = METHOD.format(server=machine.SERVER_CORE, generator=machine.GENERATOR_CORE, questions=QUESTIONS)
    notes = [
        "![CPU per query by the number of names](growth.svg)",
        "## Endpoints of one service",
        endpoints,
        "## Memory",
        memory,
        connections,
    ]
    gates = [names_gate, memory_gate, connections_gate]
    return Page("growth", "Growth", method, None, names, gates, data.fabdns, notes)
