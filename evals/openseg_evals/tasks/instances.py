"""Scored instances in COCO's result format: COCO, LVIS, SA-Co, BOP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openseg.io.rle import encode_masks
from openseg_evals.samples import EvalSample
from openseg_evals.tasks.answer import Answer
from openseg_evals.tasks.task import LinePredictions, Lines

SCORE_DECIMALS = 6
"""Finer than anything a score means, and the same text for the same score."""


def open_predictions(folder: Path, _options: Mapping[str, str]) -> LinePredictions:
    """A line for every region, with the category of its phrase."""
    return LinePredictions(folder / "predictions.jsonl", _every, _phrase)


def _every(sample: EvalSample, answer: Answer | None) -> Lines:
    if answer is None:
        return []
    categories = distinct(sample.class_ids) or [1]
    columns = zip(answer.classes, answer.scores.tolist(), encode_masks(answer.masks), strict=True)
    return [
        {
            **sample.key,
            "category_id": categories[place],
            "segmentation": mask,
            "score": round(score, SCORE_DECIMALS),
        }
        for place, score, mask in columns
    ]


def _phrase(sample: EvalSample, line: Mapping[str, Any]) -> int:
    return sample.class_ids.index(line["category_id"]) if sample.class_ids else 0


def distinct(class_ids: tuple[int, ...]) -> list[int]:
    """The classes of a vocabulary in order of their first phrase."""
    return list(dict.fromkeys(class_ids))
