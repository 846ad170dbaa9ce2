# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Tables and gates: one page of docs/benchmarks per measurement."""

import dataclasses
import datetime
import statistics

from driver import machine, peers, places


@dataclasses.dataclass
class Gate:
    """A rule with the figure that was measured for it."""

    rule: str
    measured: str
    holds: bool

    @staticmethod
    def at_most(subject, measured, limit):
        return Gate(f"{subject} at most {limit:g}", f"{measured:.3f}", measured <= limit)

    @staticmethod
    def below(subject, measured, limit):
        return Gate(f"{subject} below {limit:g}", f"{measured:.3f}", measured < limit)


def spread(values, digits=3):
    """Median and quartiles as text."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    low, high = ordered[quarter], ordered[-1 - quarter]
    return f"{statistics.median(ordered):,.{digits}f} ({low:,.{digits}f}..{high:,.{digits}f})"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "-|" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


class Page:
    """What one measurement found, as Markdown; `rows` are a text of their own without a `header`."""

    def __init__(self, name, title, method, header, rows, gates, fabdns, notes=()):
        self.name = name
        self.gates = gates
        names = ["fabdns"] + [peer for peer in peers.VERSIONS if peer != "fabdns"]
        versions = ", ".join(f"{peer} {peers.version(peer, fabdns)}" for peer in names)
        verdicts = [(g.rule, g.measured, "yes" if g.holds else "**no**") for g in gates]
        self.text = "\n\n".join(
            [
                f"<!-- Written by `scripts/bench {name}`. -->",
                f"# {title}",
                f"{machine.description()}, {datetime.date.today():%d %B %Y}. {versions}.",
                method,
                rows if header is None else table(header, rows),
                *notes,
                table(["gate", "measured", "holds"], verdicts),
            ]
        )

    def publish(self, writes):
        """Prints the page and, if asked, writes it into docs/benchmarks."""
        print(self.text + "\n", flush=True)
        if writes:
            places.DOCS.mkdir(parents=True, exist_ok=True)
            (places.DOCS / f"{self.name}.md").write_text(self.text + "\n")

    def holds(self):
        return all(gate.holds for gate in self.gates)
