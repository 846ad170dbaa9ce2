# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""The data of every run: a catalog of 10,000 services, the Corefile that serves it, and the questions."""

import ipaddress
import json
import random
import subprocess

from driver.failure import Failure

SERVICES = 10_000
ZONE = "global"
PROBE = "svc00000.default.svc.global."
NAME_ERROR_EVERY = 10

COREFILE = """global {{
    bind 127.0.0.1
    multisocket {workers}
    errors
    {more}
    fabdns {{
        catalog {catalog}
        cluster beijing
        zone beijing
        region north
        ttl 5
    }}
}}
"""


def addresses(service, generation):
    """The three addresses of a service; every generation has other ones."""
    base = int(ipaddress.ip_address("10.0.0.0")) + generation % 4 * 400_000 + service * 4
    return [str(ipaddress.ip_address(base + k)) for k in (1, 2, 3)]


def _endpoint(address, cluster, region):
    return {"addresses": [address], "cluster": cluster, "zone": cluster, "region": region}


def _service(number, generation):
    """Three endpoints in the server's own cluster, which are the answer, and one elsewhere, which is not."""
    near = [_endpoint(a, "beijing", "north") for a in addresses(number, generation)]
    far = _endpoint(str(ipaddress.ip_address("172.16.0.0") + number), "shanghai", "south")
    return {
        "apiVersion": "dns.fabedge.io/v1alpha1",
        "kind": "GlobalService",
        "metadata": {"name": f"svc{number:05}", "namespace": "default"},
        "spec": {
            "type": "ClusterIP",
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
            "endpoints": near + [far],
        },
    }


def write_catalog(path, generation=0, services=SERVICES, changed=None):
    """`changed` is the number of a service that is of the next generation."""
    items = [_service(number, generation + (number == changed)) for number in range(services)]
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def write_corefile(path, catalog, more="", workers=1):
    """`more` is a directive that the server block has too."""
    path.write_text(COREFILE.format(catalog=catalog, more=more, workers=workers))


def write_questions(path, seed=1):
    """One question per service in random order; every tenth is for a service that does not exist."""
    lines = []
    for number in range(SERVICES):
        if number % NAME_ERROR_EVERY == NAME_ERROR_EVERY - 1:
            lines.append(f"nope{number:05}.default.svc.{ZONE}. A NXDOMAIN 0\n")
        else:
            lines.append(f"svc{number:05}.default.svc.{ZONE}. A NOERROR 3\n")
    random.Random(seed).shuffle(lines)
    path.write_text("".join(lines))


def write_zone(path, fabdns, corefile):
    """Our view of the zone as a zone file: what the peers serve is exactly what we serve."""
    command = [str(fabdns), "zone", str(corefile), ZONE]
    with open(path, "wb") as output:
        result = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise Failure(f"fabdns zone failed: {result.stderr.strip()}")
