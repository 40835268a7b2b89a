"""Best, median and worst cases of a pipeline as pictures: what was right, missed, wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from openseg.io.images import read_image
from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.report.scene_case import draw_scene_case
from openseg_evals.report.tints import MISSED, RIGHT, WRONG, as_jpeg, tinted
from openseg_evals.samples import AnySample, EvalSample, SceneSample, Target
from openseg_evals.tasks.task import Predictions

__all__ = ["MISSED", "RIGHT", "WRONG", "Case", "compare", "gallery", "read_units"]

CASES = 4
_LONGEST = 90


@dataclass(frozen=True)
class Case:
    """A unit worth looking at.

    Attributes:
        unit: Its name.
        score: What the pipeline scores on it.
        asked: The words.
        picture: JPEG bytes; empty if the image cannot be read or has another size.
    """

    unit: str
    score: float
    asked: str
    picture: bytes

    @property
    def source(self) -> str:
        """The picture as the `src` of an `img`."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.picture).decode()}"


def gallery(
    pipeline: str,
    units: Sequence[Mapping[str, Any]],
    samples: Sequence[AnySample],
    predictions: Predictions,
    *,
    higher_is_better: bool,
) -> dict[str, list[Case]]:
    """Chooses and draws the cases of a pipeline.

    Args:
        pipeline: Its name.
        units: Lines of `units.jsonl`.
        samples: The samples of the run; the first of each unit is drawn.
        predictions: What the pipeline answered.
        higher_is_better: Direction of the scores.

    Returns:
        `best` (the best first), `median` and `worst` (the worst first); a unit is in one of them
        only.
    """
    first: dict[str, AnySample] = {}
    for sample in samples:
        first.setdefault(sample.unit, sample)
    scored = [
        (one["scores"][pipeline], one["unit"])
        for one in units
        if one["scores"][pipeline] is not None
    ]
    chosen = _choose(sorted(scored, key=lambda pair: pair[0], reverse=higher_is_better))
    return {
        name: [_case(unit, score, first[unit], predictions) for score, unit in cases]
        for name, cases in chosen.items()
    }


def read_units(folder: Path) -> list[dict[str, Any]]:
    """The lines of an evaluation's `units.jsonl`."""
    return [json.loads(line) for line in (folder / "units.jsonl").read_text("utf-8").splitlines()]


def _choose(ranked: Sequence[tuple[float, str]]) -> dict[str, list[tuple[float, str]]]:
    """The ends and the middle of a ranking, best first: `CASES` of each, or a third of fewer."""
    count = min(CASES, max(1, len(ranked) // 3))
    best, others = ranked[:count], ranked[count:]
    between, worst = others[:-count], others[-count:]
    middle = max(0, (len(between) - count) // 2)
    return {
        "best": list(best),
        "median": list(between[middle : middle + count]),
        "worst": list(reversed(worst)),
    }


def _case(unit: str, score: float, sample: AnySample, predictions: Predictions) -> Case:
    asked = ", ".join(sample.phrases)
    short = asked if len(asked) <= _LONGEST else f"{asked[:_LONGEST]}..."
    if isinstance(sample, SceneSample):
        return Case(unit, score, short, draw_scene_case(sample, predictions.regions(sample)))
    return Case(unit, score, short, _draw(sample, predictions))


def _draw(sample: EvalSample, predictions: Predictions) -> bytes:
    """JPEG bytes of an image's case; none if it cannot be read or has another size."""
    try:
        pixels = read_image(sample.image).pixels.permute(1, 2, 0).numpy()
    except InputError:
        pixels = np.zeros((0, 0, 3), dtype=np.uint8)
    if pixels.shape[:2] != sample.size:  # noted as a failure; the page shows it without picture
        return b""
    truth = _labels(sample, sample.targets())
    picture = compare(pixels, truth, _labels(sample, predictions.regions(sample)))
    return as_jpeg(picture)


def compare(
    pixels: NDArray[np.uint8], truth: NDArray[np.int64], answer: NDArray[np.int64]
) -> PIL.Image.Image:
    """A picture tinted by what was right, missed and wrong; see `tints.tinted`."""
    return PIL.Image.fromarray(tinted(pixels, truth, answer))


def _labels(sample: EvalSample, regions: Sequence[Target]) -> NDArray[np.int64]:
    """The class of each pixel; of overlapping regions the first counts."""
    labels = np.full(sample.size, -1, dtype=np.int64)
    for one in reversed(regions):
        labels[rle.decode(one.mask)] = (
            sample.class_ids[one.phrase] if sample.class_ids else one.phrase
        )
    return labels
