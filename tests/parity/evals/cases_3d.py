"""3D cases on which the official evaluators were run; see `cases` for how they are kept.

Among them: a scene without predictions, instances and predictions below 100 vertices, void and
label 0, tied and doubled scores, masks listed twice, labels that are not evaluated, predictions
that lie on void only, a class with predictions and no truth.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np


def write_integers(path: Path, values) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(str, np.asarray(values).tolist())) + "\n")


def scannet(folder: Path, classes, void: int = 1, seed: int = 23) -> None:
    """Folders `truth` and `predictions` of five scenes; `void` is a label not evaluated."""
    random = np.random.default_rng(seed)
    for number in range(5):
        ids = np.zeros(6000, np.int64)
        for k in range(12):
            start, length = int(random.integers(0, 5700)), int(random.integers(40, 700))
            label = void if k == 3 else int(random.choice(classes[:4]))
            ids[start : start + length] = label * 1000 + k + 1
        ids[200:260] = 7  # an id below 1000
        write_integers(folder / "truth" / f"scene{number}.txt", ids)
        lines = [] if number == 4 else _guesses(random, ids, classes, folder, number)
        (folder / "predictions").mkdir(exist_ok=True)
        (folder / "predictions" / f"scene{number}.txt").write_text("".join(lines))


def _guesses(random, ids, classes, folder, number):
    lines = []
    for identity in [*np.unique(ids), 0]:
        for _ in range(int(random.integers(0, 4))):
            mask = ids == identity
            mask = np.roll(mask, int(random.integers(-60, 61))) | (random.random(6000) < 0.002)
            label = identity // 1000 if random.random() < 0.8 else random.choice([*classes[:6], 0])
            name = f"pred_mask/{number}_{len(lines)}.txt"
            value = 12 if len(lines) % 5 == 2 else 1
            write_integers(folder / "predictions" / name, mask * value)
            lines.append(f"{name} {label} {round(float(random.random()), 1)}\n")
    lines.append(lines[0].rsplit(" ", 1)[0] + " 0.95\n")  # the first mask once more
    tiny = np.zeros(6000, np.int64)
    tiny[:99] = 1
    for place, mask in enumerate([tiny, tiny * 0, (ids // 1000 == 0) | (ids < 1000)]):
        name = f"pred_mask/{number}_odd{place}.txt"
        write_integers(folder / "predictions" / name, mask.astype(np.int64))
        lines.append(f"{name} {classes[place + 3]} 1.0\n")
    return lines


def points_3d(folder: Path, classes) -> None:
    """Folders `truth` and `predictions` of three scenes with a label a vertex.

    The last class occurs nowhere, the one before only in predictions; 0 is not annotated; 256 is
    OpenScene's point without feature.
    """
    random = np.random.default_rng(29)
    for number in range(3):
        truth = random.choice([0, *classes[:-2]], 900)
        truth[truth == classes[0]] = classes[1] if number < 2 else classes[0]
        wrong = random.random(900) < 0.4
        guess = np.where(wrong, random.choice([*classes[:-1], 256], 900), truth)
        guess[guess == 0] = classes[2]
        write_integers(folder / "truth" / f"scene{number}.txt", truth)
        write_integers(folder / "predictions" / f"scene{number}.txt", guess)
