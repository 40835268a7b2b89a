"""A waterfall as one self-contained SVG, for the report and for slides.

Text takes the colour of the page around it; opened as a file it follows the reader's light or dark
setting. Gains are blue, losses orange and hatched: hue is never the only difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from openseg_evals.oracle.waterfall import PROTOCOL, Row, Waterfall

_BAR_WIDTH = 360
_LINE = 28
_BAR_HEIGHT = 16
_CHARACTER = 6.6
_LONGEST = 48
_NUMBER = 62
_TOP = 58
_MARGIN = 12

# Blue and vermilion: Okabe and Ito, 2008. Both have a contrast of at least 3 on white and on #111.
_STYLE = """
.waterfall text{font:12px system-ui,sans-serif;fill:currentColor;font-variant-numeric:tabular-nums}
.waterfall .title{font-weight:600;font-size:14px}
.waterfall .end{text-anchor:end}
.waterfall .middle{text-anchor:middle}
.waterfall .grid{stroke:currentColor;stroke-opacity:.2}
.waterfall .link{stroke:currentColor;stroke-opacity:.5;stroke-dasharray:2 2}
.waterfall .score{fill:#808080}
.waterfall .gain{fill:#1f83c4}
.waterfall .loss{fill:url(#waterfall-hatch);stroke:#d55e00}
.waterfall .protocol{fill:none;stroke:#808080;stroke-dasharray:4 3}
.waterfall:root{color:#111;background:#fff}
@media (prefers-color-scheme:dark){.waterfall:root{color:#eee;background:#111}}
"""
_HATCH = (
    '<pattern id="waterfall-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><path d="M0 3H6" stroke="#d55e00" stroke-width="3"/></pattern>'
)


def draw_waterfall(given: Waterfall) -> str:
    """Draws a waterfall.

    Args:
        given: What to draw.

    Returns:
        One `<svg>` element: put it into HTML as it is, or into a file. Texts are escaped.
    """
    labels = [given.name, *(row.label for row in given.rows)]
    column = _MARGIN + _CHARACTER * min(_LONGEST, max(len(label) for label in labels))
    left = column + 3 * _MARGIN + _NUMBER
    width = left + _BAR_WIDTH + _NUMBER + _MARGIN
    height = _TOP + _LINE * len(labels) + _MARGIN
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" class="waterfall" role="img" '
            f'viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">',
            f"<title>{escape(_summary(given))}</title>",
            f"<style>{_STYLE}</style><defs>{_HATCH}</defs>",
            _text(_MARGIN, 20, f"{given.name}: what each stage costs", "title"),
            *_axis(given, left, height),
            *_score_bar(given, column, left),
            *(
                line
                for place, row in enumerate(given.rows, start=1)
                for line in _row(given, row, _TOP + _LINE * place, column, left)
            ),
            "</svg>",
        ]
    )


def _axis(given: Waterfall, left: float, height: int) -> Iterator[str]:
    """Lines at the quarters of the scale, and their values."""
    for quarter in range(5):
        value = given.best * quarter / 4
        x = left + _BAR_WIDTH * quarter / 4
        yield f'<path class="grid" d="M{x:.1f} {_TOP - 6}V{height - _MARGIN}"/>'
        yield _text(x, _TOP - 12, f"{value:g}", "middle")
    yield _text(left + _BAR_WIDTH + _NUMBER, 20, given.metric, "end")


def _score_bar(given: Waterfall, column: float, left: float) -> Iterator[str]:
    width = _BAR_WIDTH * given.score / given.best
    middle = _TOP + _LINE / 2
    yield _text(column, middle + 4, _short(given.name), "end", given.name)
    yield _rect(left, _TOP, width, "score")
    yield _text(left + _BAR_WIDTH + _NUMBER, middle + 4, given.number(given.score), "end")


def _row(given: Waterfall, row: Row, top: float, column: float, left: float) -> Iterator[str]:
    before, value = (left + _BAR_WIDTH * one / given.best for one in (row.before, row.value))
    low, high = min(before, value), max(before, value)
    kind = PROTOCOL if row.step == PROTOCOL else "gain" if row.gain >= 0 else "loss"
    middle = top + _LINE / 2
    yield f'<path class="link" d="M{before:.1f} {top - 6}V{top + 6}"/>'
    yield _text(column, middle + 4, _short(row.label), "end", row.label)
    yield _text(left - _MARGIN, middle + 4, _minus(given.signed(row.gain)), "end")
    yield _rect(low, top, high - low, kind)
    yield _text(left + _BAR_WIDTH + _NUMBER, middle + 4, given.number(row.value), "end")


def _rect(x: float, top: float, width: float, kind: str) -> str:
    y = top + (_LINE - _BAR_HEIGHT) / 2
    size = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{_BAR_HEIGHT}"'
    return f'<rect class="{kind}" {size}/>'


def _text(x: float, y: float, words: str, kind: str = "", full: str = "") -> str:
    """A text; with `full`, the words a pointer shows."""
    title = f"<title>{escape(full)}</title>" if full else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{title}{escape(words)}</text>'


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _minus(signed: str) -> str:
    return signed.replace("-", "\N{MINUS SIGN}")


def _summary(given: Waterfall) -> str:
    """The chart in one sentence, for those who cannot see it."""
    steps = "; ".join(f"{row.label} {_minus(given.signed(row.gain))}" for row in given.rows)
    return f"{given.name}, {given.metric} {given.number(given.score)} of {given.best:g}: {steps}"
