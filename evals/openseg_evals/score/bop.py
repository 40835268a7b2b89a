"""Scores a BOP data set from its official folder and a result file by segmentation AP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from openseg_evals.formats.bop import read_bop, read_bop_results, split_of
from openseg_evals.metrics.bop import BopTally


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> BopTally:
    """Matches masks for BOP's AP; a unit is a target image, named `<scene_id>/<im_id>`.

    Results on other images of the split do not count, as officially. The official script refuses
    a file without results; here it is AP 0.

    Args:
        gt: The data set's folder.
        pred: `<method>_<dataset>-<split>.json`.
        options: `split`, `targets`.

    Returns:
        The counts; scores are the official names.

    Raises:
        InputError: If a file is missing or broken, or they do not fit together.
    """
    truth = read_bop(gt, options["split"] or split_of(pred), options["targets"])
    found = read_bop_results(pred, truth)
    times = None
    if found.times is not None:
        times = {_name(*image): seconds for image, seconds in found.times.items()}
    return BopTally(truth.coco, found.results, [_name(*image) for image in truth.images], times)


def _name(scene: int, image: int) -> str:
    return f"{scene}/{image}"
