"""Masks of everything: the stage `propose.automatic_masks` against segment_anything's generator.

Each run is in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from openseg_evals.bench.agreement import of_masks
from openseg_evals.bench.child import alone
from openseg_evals.bench.clock import Pairs, Timing, timed
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_times, of_values
from openseg_evals.bench.settings import Settings, need
from openseg_evals.bench.weights import checkpoints

SIZE = (480, 640)
MINI = "0.4"
"""Least quality and stability of masks of the mini model, which rates itself lower."""


def measure(settings: Settings) -> Iterator[Row]:
    """Time and peak memory; the first run of each side also warms the disk's cache."""
    need("segment_anything", "sam")
    weights = checkpoints(settings, "sam")
    [picture] = pictures(settings.folder, 1, SIZE)
    side, least = (32, "default") if settings.full else (8, MINI)
    given = [str(weights), str(picture), settings.device, str(side), least]
    files = [settings.folder / name for name in ("ours.npy", "peer.npy")]
    runs = []
    for number in range(settings.pairs(1 if settings.slow else 3)):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        pair = {side: alone((ours, peer)[side], *given, str(files[side])) for side in order}
        runs.append((pair[0], pair[1]))
    mine, theirs = (torch.from_numpy(np.load(file)) for file in files)
    same = of_masks(mine, theirs)
    against = f"SamAutomaticMaskGenerator, {side} points a side, {least} thresholds"
    first, second = zip(*((a.timing, b.timing) for a, b in runs), strict=True)
    note = f"{len(mine)} masks kept"
    yield of_times(
        "automatic-masks", against, Pairs(first, second), Floor("at least", 1.8), same, note
    )
    yield of_values(
        "automatic-masks-memory",
        against,
        "MB",
        [a.peak_bytes / 2**20 for a, _ in runs],
        [b.peak_bytes / 2**20 for _, b in runs],
        Floor("at most", 0.5),
        same,
        note="peak of the whole process, libraries and weights included",
    )


def ours(weights: str, picture: str, device: str, side: str, least: str, out: str) -> Timing:
    """Our side, from the decoded picture to masks."""
    from openseg.io.images import image_from
    from openseg.models.store import ModelStore
    from openseg.stages.propose.automatic_masks import AutomaticMasks

    store = ModelStore(weights, device)
    quality = {} if least == "default" else dict.fromkeys(("min_quality", "min_stability"), least)
    config = AutomaticMasks.Config.model_validate({"points_per_side": int(side), **quality})
    stage = AutomaticMasks(config, segmenter=store.load("sam"))
    image = image_from(Path(picture))
    found = []
    with torch.no_grad():
        timing = timed(lambda: found.append(stage.run([image])), device)
    np.save(out, found[0].masks[0].data.cpu().numpy())
    return timing


def peer(weights: str, picture: str, device: str, side: str, least: str, out: str) -> Timing:
    """The generator, from the decoded picture to masks."""
    from PIL import Image
    from segment_anything import SamAutomaticMaskGenerator

    from openseg_evals.bench.sam_twin import twin

    names = ("pred_iou_thresh", "stability_score_thresh")
    quality = {} if least == "default" else dict.fromkeys(names, float(least))
    network = twin(Path(weights) / "sam").to(device)
    generator = SamAutomaticMaskGenerator(network, points_per_side=int(side), **quality)
    pixels = np.asarray(Image.open(picture).convert("RGB"))
    found = []
    timing = timed(lambda: found.append(generator.generate(pixels)), device)
    masks = [one["segmentation"] for one in found[0]]
    np.save(out, np.stack(masks) if masks else np.zeros((0, *SIZE), dtype=bool))
    return timing
