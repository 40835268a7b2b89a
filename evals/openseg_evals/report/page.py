"""The report as one HTML page: no script, no network, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from openseg_evals.oracle.chart import draw_waterfall
from openseg_evals.oracle.waterfall import Waterfall
from openseg_evals.report.gallery import MISSED, RIGHT, WRONG, Case
from openseg_evals.report.intervals import draw_intervals
from openseg_evals.report.tables import Table, Tables

_STYLE = Path(__file__).with_name("style.css")
_NUMERIC = set("0123456789+-.[], e%")


def as_page(
    results: Mapping[str, Any],
    tables: Tables,
    waterfalls: Sequence[Waterfall],
    galleries: Mapping[str, Mapping[str, Sequence[Case]]],
) -> str:
    """The whole page.

    Args:
        results: What `results.json` holds.
        tables: Its tables.
        waterfalls: The oracle's, if it was asked.
        galleries: Cases of each pipeline by group.
    """
    body = [
        f"<h1>{escape(results['benchmark'])}</h1>",
        f'<p class="about">{escape(results["about"])}</p>',
        f'<p class="note">{escape(_setting(results))}</p>',
        _table(tables.scores),
        draw_intervals(results),
    ]
    if waterfalls:
        body.append("<h2>What each stage costs</h2>")
        body += [draw_waterfall(one) for one in waterfalls]
    body += [_table(one) for one in tables.comparisons]
    if tables.breakdowns:
        parts = "".join(f"<section>{_table(one)}</section>" for one in tables.breakdowns)
        body.append(f'<div class="side">{parts}</div>')
    body += list(_galleries(galleries, results["unit_score"]))
    body += [_table(one) for one in tables.run]
    title = escape(f"{results['benchmark']}: {', '.join(results['pipelines'])}")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{title}</title><style>{_STYLE.read_text('utf-8')}</style></head><body>",
            *body,
            "</body></html>",
            "",
        ]
    )


def _setting(results: Mapping[str, Any]) -> str:
    conventions = ", ".join(f"{k} = {v}" for k, v in results["conventions"].items() if v)
    whole = results["samples"] == results["samples_in_all"]
    some = "" if whole else f" of {results['samples_in_all']}"
    return (
        f"Benchmark version {results['version']}; {results['samples']}{some} samples; metric "
        f"{results['metric']} ({conventions})."
    )


def _table(table: Table) -> str:
    words = [
        place > 0 and any(not set(row[place]) <= _NUMERIC for row in table.rows)
        for place in range(len(table.head))
    ]
    head = _cells("th", table.head, words)
    rows = "".join(f"<tr>{_cells('td', row, words)}</tr>" for row in table.rows)
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return (
        f'<h2>{escape(table.title)}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{note}"
    )


def _cells(tag: str, cells: Sequence[str], words: Sequence[bool]) -> str:
    kinds = (' class="words"' if one else "" for one in words)
    return "".join(
        f"<{tag}{kind}>{escape(cell)}</{tag}>" for cell, kind in zip(cells, kinds, strict=True)
    )


def _galleries(galleries: Mapping[str, Mapping[str, Sequence[Case]]], score: str) -> Iterator[str]:
    for pipeline, groups in galleries.items():
        yield f"<h2>Cases of {escape(pipeline)}</h2>"
        yield (
            f'<p class="note key">{_swatch(RIGHT)}right{_swatch(MISSED)}missed'
            f"{_swatch(WRONG)}too much</p>"
        )
        for group, cases in groups.items():
            if cases:
                figures = "".join(_figure(one, score) for one in cases)
                yield f'<h3>{escape(group)}</h3><div class="cases">{figures}</div>'


def _swatch(colour: tuple[int, int, int]) -> str:
    return f'<i style="background:rgb{colour}"></i>'


def _figure(case: Case, score: str) -> str:
    alt = f"{case.asked}: {score} {case.score:.2f}"
    image = f'<img src="{case.source}" alt="{escape(alt)}">' if case.picture else ""
    return (
        f"<figure>{image}<figcaption><b>{case.score:.2f}</b> {escape(case.asked)}<br>"
        f"<span>{escape(case.unit)}</span></figcaption></figure>"
    )
