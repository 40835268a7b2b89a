"""The few SVG elements a drawing of a graph is made of, and their style in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

MONO = 0.61
"""Width of a monospace character in its font size; real ones have 0.55 to 0.602."""

# Hues a reader can tell apart, on white and on near-black.
COLOURS = (
    ("#2f6fde", "#6ea8fe"),
    ("#b5379b", "#f08fd8"),
    ("#0f8a6c", "#4fd1a5"),
    ("#c2570c", "#f6a55c"),
    ("#6d4bd1", "#b39bff"),
    ("#8a6d00", "#e3c04a"),
    ("#c22f4e", "#ff8fa3"),
    ("#00839b", "#5ccfe6"),
    ("#5d7d13", "#a9d455"),
    ("#8b5a3c", "#d8a98a"),
    ("#7c3aa3", "#d3a0f5"),
    ("#4a6785", "#9fb8d6"),
    ("#a3184a", "#f5a3bd"),
    ("#2c7a3f", "#8fd6a0"),
)
NEUTRAL = ("#5c6670", "#a3adb8")

_STYLE = """
.og text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
font-size:11px;fill:%(muted)s}
.og .name{font-size:13px;font-weight:700;fill:%(ink)s}
.og .port{fill:%(ink)s}
.og .page{fill:%(page)s}
.og .card{fill:%(card)s;stroke:%(line)s;stroke-width:1}
.og .rule{stroke:%(line)s;stroke-width:1}
.og .bar{fill:%(line)s}
.og .edge,.og .halo{fill:none;stroke-linecap:round}
.og .edge{stroke-width:1.8}
.og .halo{stroke:%(page)s;stroke-width:6}
.og .dot{stroke-width:1.8}
.og .open{fill:%(card)s}
"""
_LIGHT = {
    "page": "#ffffff",
    "card": "#f6f8fa",
    "line": "#d0d7de",
    "ink": "#1f2328",
    "muted": "#59636e",
}
_DARK = {
    "page": "#0d1117",
    "card": "#161b22",
    "line": "#3d444d",
    "ink": "#f0f6fc",
    "muted": "#9198a1",
}


def text_width(text: str, size: float) -> float:
    """Pixels a text takes at most."""
    return len(text) * size * MONO


def text(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> str:
    """A line of text; `content` is SVG, see `span`."""
    at = f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text {at} class="{kind}" text-anchor="{anchor}">{content}</text>'


def span(content: str, kind: str = "") -> str:
    """A piece of a line of text; `content` is plain text."""
    return f'<tspan class="{kind}">{escape(content)}</tspan>'


def hint(content: str) -> str:
    """A tooltip of the group it stands in; `content` is plain text."""
    return f"<title>{escape(content)}</title>"


def card(width: float, height: float, radius: float) -> str:
    """The outline of a box at the origin."""
    size = f'width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}"'
    return f'<rect class="card" {size}/>'


def dot(x: float, y: float, colour: int, *, connected: bool) -> str:
    """A port: full if something is connected to it."""
    kind = f"dot s{colour} {f'f{colour}' if connected else 'open'}"
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def curve(points: Sequence[tuple[float, float]]) -> str:
    """The path of an edge: curves across gaps and level runs through columns, by turns."""
    pieces = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        if i % 2 == 0:
            bend = (x1 - x0) / 2
            pieces.append(f"C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}")
        else:
            pieces.append(f"L{x1:.1f} {y1:.1f}")
    return " ".join(pieces)


def document(width: float, height: float, title: str, about: str, body: Sequence[str]) -> str:
    """A whole drawing.

    Args:
        width: In pixels.
        height: In pixels.
        title: What it shows, for readers who cannot see it and as a tooltip.
        about: More of the same.
        body: The elements.
    """
    size = f"{width:.0f} {height:.0f}"
    head = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="og" role="img" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {size}">',
        hint(title),
        f"<desc>{escape(about)}</desc>",
        f"<style>{_rules(0)}@media (prefers-color-scheme:dark){{{_rules(1)}}}</style>",
        f'<rect class="page" width="{width:.0f}" height="{height:.0f}"/>',
    ]
    return "\n".join([*head, *body, "</svg>\n"])


def _rules(shade: int) -> str:
    colours = [
        f".og .s{i}{{stroke:{pair[shade]}}}.og .f{i}{{fill:{pair[shade]}}}"
        for i, pair in enumerate((*COLOURS, NEUTRAL))
    ]
    return _STYLE % (_LIGHT, _DARK)[shade] + "\n".join(colours) + "\n"
