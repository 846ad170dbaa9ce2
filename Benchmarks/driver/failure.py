# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""What the user must hear, in one sentence, before the run ends."""


class Failure(Exception):
    """A run that cannot go on: printed without a traceback, exit code 2."""
