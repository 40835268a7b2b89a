"""The cases of `openseg bench`, one a file; each has a function `measure`.

A new case is a file here and a line in `CASES`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from importlib import import_module

from openseg.types.errors import UserError
from openseg_evals.bench.rows import Row
from openseg_evals.bench.settings import Settings

Measure = Callable[[Settings], Iterator[Row]]

CASES = {
    "grounded-sam": "engine overhead against the shortest hand-written loop",
    "automatic-masks": "automatic masks against segment_anything's generator",
    "score-regions": "100 regions in CLIP against one crop at a time",
    "shared-encoder": "many phrases, many boxes on one image against one forward each",
    "attention-maps": "cross-attention maps of 10 phrases against one full pass each",
    "ablations": "ten ablations that share proposals against one run",
    "warm-cache": "a second run with a warm cache against the first",
    "voting": "the 3D voting step against that of Open-YOLO 3D",
    "scannet-ap": "ScanNet200 AP against the official script",
    "scale": "ten times as many images: time and memory",
    "ray": "two workers of Ray against the local engine, one thread each",
    "start-up": "openseg --help and openseg validate",
}
"""What each case measures; its module has the same name with underscores."""


def find(names: list[str]) -> dict[str, Measure]:
    """The cases of these names, all of them if there is no name.

    Raises:
        UserError: If there is no case of a name.
    """
    for name in names:
        if name not in CASES:
            near = difflib.get_close_matches(name, CASES, 1)
            fix = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(CASES)}"
            raise UserError(f"there is no case '{name}'", where="openseg bench", fix=fix)
    return {name: _measure(name) for name in names or CASES}


def _measure(name: str) -> Measure:
    """A case's function; its module, and what that needs, is imported when it is called."""

    def measure(settings: Settings) -> Iterator[Row]:
        module = import_module(f"{__name__}.{name.replace('-', '_')}")
        rows: Iterator[Row] = module.measure(settings)
        return rows

    return measure
