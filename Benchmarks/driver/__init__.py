# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Runs the instruments against our server and its peers, and writes docs/benchmarks."""
