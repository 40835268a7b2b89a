"""One mask for one sentence: RefCOCO and its kin, PhraseCut, ReasonSeg."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from openseg.io.rle import encode_masks
from openseg_evals.samples import EvalSample
from openseg_evals.tasks.answer import Answer
from openseg_evals.tasks.task import LinePredictions, Lines


def open_predictions(folder: Path, _options: Mapping[str, str]) -> LinePredictions:
    """The region with the highest score answers the sentence; null where nothing was found."""
    return LinePredictions(folder / "predictions.jsonl", _best)


def open_generalized(folder: Path, _options: Mapping[str, str]) -> LinePredictions:
    """All regions together answer the sentence; none means that it has no target."""
    return LinePredictions(folder / "predictions.jsonl", _all)


def _best(sample: EvalSample, answer: Answer | None) -> Lines:
    if answer is None or not len(answer):
        return [{**sample.key, "segmentation": None}]
    best = int(answer.scores.argmax())
    return [{**sample.key, "segmentation": encode_masks(answer.masks[best : best + 1])[0]}]


def _all(sample: EvalSample, answer: Answer | None) -> Lines:
    if answer is None or not len(answer):
        return [{**sample.key, "segmentation": None, "no_target": answer is not None}]
    together = answer.masks.any(dim=0, keepdim=True)
    return [{**sample.key, "segmentation": encode_masks(together)[0], "no_target": False}]
