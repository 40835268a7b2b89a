"""Measures cases one after the other; one that cannot be measured here says why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from openseg.types.errors import OpensegError
from openseg_evals.bench.rows import Missing, Row
from openseg_evals.bench.settings import Settings

if TYPE_CHECKING:
    from openseg_evals.bench.cases import Measure


def run(cases: Mapping[str, Measure], settings: Settings) -> Iterator[Row | Missing]:
    """Measures cases.

    Args:
        cases: The cases by name.
        settings: How; each case gets a folder of its own.

    Yields:
        The lines of the table as they come.
    """
    for name, measure in cases.items():
        own = replace(settings, folder=settings.folder / name)
        own.folder.mkdir(parents=True)
        try:
            yield from measure(own)
        except OpensegError as error:
            yield Missing(name, str(error))
