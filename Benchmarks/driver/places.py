# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Where things are, and how the programs are built."""

import pathlib
import subprocess

from driver.failure import Failure

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "Benchmarks"
DOCS = ROOT / "docs" / "benchmarks"


def _build(package, product):
    command = ["swift", "build", "-c", "release", "--package-path", str(package)]
    result = subprocess.run(command + ["--product", product], capture_output=True, text=True)
    if result.returncode != 0:
        raise Failure(f"{product} does not build:\n{result.stdout}{result.stderr}")
    shown = subprocess.run(command + ["--show-bin-path"], capture_output=True, text=True, check=True)
    return pathlib.Path(shown.stdout.strip()) / product


def fabdns():
    """The release build of our server."""
    return _build(ROOT, "fabdns")


def instrument(name):
    """One of the programs of the package Benchmarks."""
    return _build(BENCHMARKS, name)
