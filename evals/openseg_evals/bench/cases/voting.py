"""What 3D objects are, by votes of 2D boxes: our step against that of Open-YOLO 3D.

The peer is the published code (Boudjoghra et al., ICLR 2025, arXiv:2406.02548) where a clone is
given, else it is written from the paper: visibility as one matrix product, then mask after mask
and view after view. Both begin with the same arrays: where each point falls in each view, and
whether it is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from openseg.ops.boxes import iou
from openseg.ops.geometry import true_rows
from openseg.ops.scenes import looking, sights, voting
from openseg.types import Instances3D
from openseg_evals.bench.agreement import of_numbers
from openseg_evals.bench.clock import in_turn
from openseg_evals.bench.open_yolo import PLACE, Published
from openseg_evals.bench.rows import Floor, Row, of_times
from openseg_evals.bench.settings import NotMeasuredError, Settings

SIZE, CLASSES, TOP, LEAST = (480, 640), 198, 40, 10


class Scene(NamedTuple):
    """Masks bool `[k, n]`; pixels int16 `[f, n, 2]` (x, y); seen bool `[f, n]`; boxes a view."""

    masks: Tensor
    pixels: Tensor
    seen: Tensor
    boxes: list[Tensor]
    labels: list[Tensor]


def measure(settings: Settings) -> Iterator[Row]:
    """One scene of the size of ScanNet's; small: a tenth of it."""
    points, views, masks = settings.pick(10_000, 150_000), settings.pick(24, 200), 100
    scene = made(points, views, settings.pick(20, masks))
    try:
        published = Published(settings.official_file(PLACE), SIZE, CLASSES, TOP)
    except NotMeasuredError:
        against, other = "the published step written anew", peer
    else:
        against, other = "the published step", lambda scene: published(*scene)
    settled = one_choice(scene)
    mine, theirs = (tuple(part[settled] for part in side(scene)) for side in (ours, other))
    labels_equal = torch.equal(mine[0], theirs[0])
    equal, how = of_numbers(mine[1], theirs[1], 1e-5)
    yield of_times(
        "voting",
        f"{against}: {points} points, {views} views, {len(scene.masks)} masks",
        in_turn(lambda _: ours(scene), lambda _: other(scene), settings.pairs(5)),
        Floor("at least", 4.0),
        (labels_equal and equal, f"classes {'equal' if labels_equal else 'DIFFER'}, scores: {how}"),
        note=f"compared: {len(mine[0])} masks for which no two views tie for the last place",
    )


def one_choice(scene: Scene) -> Tensor:
    """Masks whose best views are not a matter of which of two equal ones comes first, int64."""
    shown = (scene.masks.float() @ scene.seen.float().T).sort(dim=1, descending=True).values
    if shown.shape[1] <= TOP:
        return torch.arange(len(shown))
    return (shown[:, TOP - 1] > shown[:, TOP]).nonzero()[:, 0]


def ours(scene: Scene) -> tuple[Tensor, Tensor]:
    """Class and score of each mask by openseg."""
    instances = Instances3D.from_masks(scene.masks, torch.ones(len(scene.masks)))
    looks: list[looking.Look] = []
    views = sights.instance_views(looked(scene, looks), instances, len(scene.seen))
    chosen = voting.best_views(views, TOP)
    labels = [voting.ViewLabels(*pair) for pair in zip(scene.boxes, scene.labels, strict=True)]
    found = voting.vote(looks, instances, chosen, labels.__getitem__, CLASSES, views.boxes, LEAST)
    most, best = found.counts.max(dim=1)
    return best, most / found.seen.clamp(min=1) * found.fit


def looked(scene: Scene, kept: list[looking.Look]) -> Iterator[looking.Look]:
    """Looks from view after view, each kept for those who need it again."""
    for view, seen in enumerate(scene.seen):
        points = true_rows(seen)
        # Two numbers of 16 bits are picked as one of 32.
        both = scene.pixels[view].view(torch.int32).numpy()[:, 0].take(points.numpy())
        flat = (both >> 16) * SIZE[1] + (both & 0xFFFF)
        kept.append(looking.Look(view, SIZE, points, torch.from_numpy(flat.astype(np.int64))))
        yield kept[-1]


def peer(scene: Scene) -> tuple[Tensor, Tensor]:
    """Class and score of each mask as published."""
    maps = torch.full((len(scene.seen), *SIZE), -1, dtype=torch.int16)
    for view, (boxes, labels) in enumerate(zip(scene.boxes, scene.labels, strict=True)):
        corners = boxes.long()
        girth = corners[:, 2] - corners[:, 0] + corners[:, 3] - corners[:, 1]
        for row in girth.sort(descending=True, stable=True).indices:
            left, top, right, bottom = corners[row]
            maps[view, top:bottom, left:right] = labels[row].to(torch.int16)
    shown = scene.masks.float() @ scene.seen.float().T
    chosen = torch.zeros_like(shown, dtype=torch.bool)
    order = shown.argsort(dim=1, descending=True, stable=True)[:, :TOP]
    chosen.scatter_(1, order, True)
    chosen &= shown > 0
    painted, pixels = maps.numpy(), scene.pixels.numpy()
    seen, masks = scene.seen.numpy(), scene.masks.numpy()
    classes, scores = [], []
    for mask, views in zip(masks, chosen.numpy(), strict=True):
        votes, fits, total = [], [], 0
        for view in np.flatnonzero(views).tolist():
            visible = seen[view] & mask
            total += int(visible.sum())
            places = pixels[view][visible].astype(np.int64)
            boxes = scene.boxes[view].long().float()
            if len(boxes) and len(places) > LEAST:
                corner, end = places.min(axis=0), places.max(axis=0) + 1
                around = torch.tensor([[*corner, *end]], dtype=torch.float32)
                fits.append(float(iou(around, boxes).max()))
            votes.append(painted[view, places[:, 1], places[:, 0]])
        met = np.concatenate(votes) if votes else np.array([-1])
        met = met[met != -1]
        counts = np.bincount(met, minlength=CLASSES)
        good = [fit for fit in fits if fit > 0]
        classes.append(int(counts.argmax()))
        scores.append(counts.max() / max(total, 1) * (np.mean(good) if good else 0.0))
    return torch.tensor(classes), torch.tensor(scores, dtype=torch.float32)


def made(points: int, views: int, masks: int) -> Scene:
    """Masks are discs of a plane that every view shifts; boxes lie around some of them."""
    random = np.random.default_rng(0)
    extent = np.array([SIZE[1], SIZE[0]])
    place = random.uniform(0, extent, (points, 2))
    centres, radii = random.uniform(0, extent, (masks, 2)), random.uniform(15, 60, (masks, 1))
    inside = np.stack([np.hypot(*(place - one).T) for one in centres]) < radii
    shift = random.uniform(-60, 60, (views, 1, 2))
    moved = np.floor(place[None] + shift)
    seen = ((moved >= 0) & (moved < extent)).all(axis=2) & (random.random((views, points)) < 0.3)
    boxes, labels = [], []
    for one in shift:
        some = random.permutation(masks)[: min(masks, 30)]
        middle, half = centres[some] + one, radii[some] * random.uniform(0.7, 1.3, (len(some), 2))
        corners = np.concatenate([middle - half, middle + half], axis=1)
        clipped = corners.clip(0, np.tile(extent, 2))
        # Boxes are painted by girth; which of two equal ones comes first is left open.
        whole = clipped.astype(np.int64)
        _, apart = np.unique((whole[:, 2:] - whole[:, :2]).sum(axis=1), return_index=True)
        boxes.append(torch.tensor(clipped[apart], dtype=torch.float32))
        labels.append(torch.tensor(some[apart] % CLASSES))
    pixels = torch.from_numpy(moved.clip(0, extent - 1).astype(np.int16))  # as published
    return Scene(torch.from_numpy(inside), pixels, torch.from_numpy(seen), boxes, labels)
