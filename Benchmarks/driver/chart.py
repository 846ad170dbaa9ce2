# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""One line over a logarithmic axis, as SVG that reads in light and dark pages."""

import math

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 320, 60, 40, 30, 45


def lines(title, points):
    """`points` are (x, y) with x growing; y begins at 0."""
    xs = [math.log10(x) for x, _ in points]
    top = max(1.5, max(y for _, y in points) * 1.1)

    def place(x, y):
        across = LEFT + (x - xs[0]) / (xs[-1] - xs[0]) * (WIDTH - LEFT - RIGHT)
        return across, HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)

    places = [place(x, y) for x, (_, y) in zip(xs, points)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{title}</title>",
        "<style>text{font:13px sans-serif;fill:#24292f}path,line{fill:none;stroke:#0969da;stroke-width:2}"
        "line{stroke:#8c959f;stroke-width:1}circle{fill:#0969da}"
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>",
        f'<text x="{LEFT}" y="22">{title}</text>',
    ]
    for step in range(0, int(top * 2) + 1):
        value = step / 2
        _, height = place(xs[0], value)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height:.1f}" y2="{height:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{value:g}</text>')
    path = " L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    parts.append(f'<path d="M{path}"/>')
    for (x, y), (names, value) in zip(places, points):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        parts.append(f'<text x="{x:.1f}" y="{y - 10:.1f}" text-anchor="middle">{value:.2f}</text>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 20}" text-anchor="middle">{names:,}</text>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
