"""Masks and volumes on which the official programs were run; see `cases` for how they are kept.

Among them: empty truth, empty prediction, both empty, one pixel or voxel, objects that touch the
border or fill the image, thin parts cut off, noise, spacing that differs by axis, labels that a
case lacks, distances that equal the tolerance.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SPACINGS = [(1.0, 1.0, 1.0), (0.7, 0.7, 3.0), (2.5, 1.0, 0.4)]
ZOO = [
    (dataset, iou, params, gflops, fps)
    for dataset, iou in (("busi", 0.6557507), ("busi", 0.9), ("synapse", 0.2), ("isic", 0.83))
    for params, gflops, fps in (
        (34.527041, 65.522368512, 137.05495085406875),
        (0.3, 0.5, 20.0),
        (3.1, 7.4, 60.0),
        (400.0, 900.0, 500.0),
    )
]


def ellipse(shape, centre, radii):
    """A filled ellipse or ellipsoid; parts of it may lie outside."""
    grid = np.ogrid[tuple(slice(side) for side in shape)]
    parts = [((g - c) / r) ** 2 for g, c, r in zip(grid, centre, radii, strict=True)]
    return sum(parts) <= 1


def write_mask(path: Path, mask, value: int = 255) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask.astype(np.uint8) * value).save(path)


def pairs_2d(seed: int = 31):
    """Name, truth and prediction of masks."""
    random = np.random.default_rng(seed)
    size = (120, 150)
    disc, small = ellipse(size, (60, 70), (45, 50)), ellipse(size, (58, 75), (40, 52))
    nothing, everything = np.zeros(size, bool), np.ones(size, bool)
    dot = nothing.copy()
    dot[40, 90] = True
    holes = disc.copy()
    for _ in range(25):
        y, x = random.integers(10, 110), random.integers(20, 130)
        holes ^= ellipse(size, (y, x), random.uniform(1, 9, 2))
    legs = disc.copy()
    for x in range(5, 150, 18):
        legs[60:118, x : x + 2 + x // 50] = True
    blocks = np.kron(random.random((15, 15)) < 0.5, np.ones((8, 10), bool))
    yield "00_same", disc, disc
    yield "01_near", disc, small
    yield "02_holes", disc, holes
    yield "03_holes_true", holes, small
    yield "04_legs_lost", legs, disc
    yield "05_legs_invented", disc, legs
    yield "06_empty_truth", nothing, small
    yield "07_empty_prediction", legs, nothing
    yield "08_both_empty", nothing, nothing
    yield "09_one_pixel", dot, small
    yield "10_one_pixel_lost", dot, nothing
    yield "11_full_truth", everything, disc
    yield "12_full_prediction", disc, everything
    yield "13_border", ellipse(size, (0, 0), (50, 60)), ellipse(size, (4, 0), (60, 48))
    yield "14_blocks", blocks, np.roll(blocks, (7, 5), (0, 1))
    yield "15_noise", random.random(size) < 0.5, random.random(size) < 0.5
    yield "16_moved", legs, np.roll(legs, (9, -11), (0, 1))


def masks(folder: Path) -> None:
    """Folders `truth` and `predictions` of PNG masks."""
    for name, truth, guess in pairs_2d():
        write_mask(folder / "truth" / f"{name}.png", truth)
        write_mask(folder / "predictions" / f"{name}.png", guess)


def pairs_3d(seed: int = 37):
    """Name, label volumes of truth and prediction, spacing."""
    random = np.random.default_rng(seed)
    shape = (22, 27, 19)
    ball, egg = ellipse(shape, (10, 13, 9), (7, 9, 6)), ellipse(shape, (12, 12, 8), (7, 8, 6))
    nothing, dot = np.zeros(shape, bool), np.zeros(shape, bool)
    dot[5, 20, 3] = True
    far = np.zeros(shape, bool)
    far[20, 2, 17] = True
    noise = random.random(shape) < 0.5
    corner = ellipse(shape, (0, 26, 0), (8, 9, 10))
    two = ball * 1 + (ellipse(shape, (4, 4, 4), (3, 4, 3)) & ~ball) * 2
    both = np.roll(two, (1, -2, 0), (0, 1, 2))
    everything = np.ones(shape, bool)
    cases = [
        ("same", ball, ball),
        ("near", ball, egg),
        ("one_voxel", dot, ball),
        ("two_voxels", dot, far),
        ("empty_truth", nothing, egg),
        ("empty_prediction", ball, nothing),
        ("both_empty", nothing, nothing),
        ("border", corner, np.roll(corner, (0, -2, 0), (0, 1, 2)) & corner),
        ("full", everything, ball),
        ("noise", noise, random.random(shape) < 0.4),
        ("noisy", ball, ball ^ (random.random(shape) < 0.03)),
        ("shifted", ball, np.roll(ball, 3, 2)),
        ("two_labels", two, both),
    ]
    for name, truth, guess in cases:
        for number, spacing in enumerate(SPACINGS):
            yield f"{name}_{number}", truth.astype(np.uint8), guess.astype(np.uint8), spacing


def volumes(folder: Path) -> None:
    """Folders `truth` and `predictions` in the format of MedSAM's challenge."""
    for name, truth, guess, spacing in pairs_3d():
        for key, room, labels in (("gts", "truth", truth), ("segs", "predictions", guess)):
            (folder / room).mkdir(parents=True, exist_ok=True)
            np.savez(folder / room / f"{name}.npz", **{key: labels}, spacing=np.array(spacing))
