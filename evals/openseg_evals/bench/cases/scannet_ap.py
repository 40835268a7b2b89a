"""AP of ScanNet200's instances: `openseg score` against the official script, on the same files.

The script is OpenMask3D's edition of ScanNet's, which knows ScanNet200; it is run from a clone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import torch

from openseg_evals.bench.agreement import of_numbers
from openseg_evals.bench.child import alone
from openseg_evals.bench.clock import Pairs, Timing, timed
from openseg_evals.bench.rows import Floor, Row, of_times
from openseg_evals.bench.settings import Settings

SCRIPT = "openmask3d/evaluation/eval_semantic_instance.py"


def measure(settings: Settings) -> Iterator[Row]:
    """Scenes of random instances; each side in processes of its own."""
    script = settings.official_file(SCRIPT)
    truth, guess = settings.folder / "truth", settings.folder / "guess"
    # ScanNet's validation scenes have 150,000 vertices on average, Mask3D's answers 100 masks.
    scenes, vertices, masks = (
        settings.pick(*sizes) for sizes in ((2, 6), (100_000, 150_000), (30, 100))
    )
    write(truth, guess, scenes, vertices, masks)
    files = [settings.folder / name for name in ("ours.json", "peer.json")]
    given = [str(truth), str(guess)]
    runs = []
    for number in range(settings.pairs(3)):
        sides = {
            0: lambda: alone(ours, *given, str(files[0])),
            1: lambda: alone(peer, *given, str(files[1]), str(script.parent)),
        }
        pair = {side: sides[side]().timing for side in ((0, 1) if number % 2 == 0 else (1, 0))}
        runs.append((pair[0], pair[1]))
    mine, theirs = (torch.tensor(json.loads(file.read_text("utf-8"))) for file in files)
    first, second = zip(*runs, strict=True)
    yield of_times(
        "scannet-ap",
        f"the official script, {scenes} scenes of {vertices} vertices, {masks} masks each",
        Pairs(first, second),
        Floor("at least", 10.0),
        of_numbers(mine, theirs, 1e-6),
        note="reading of files included; AP, AP50 and AP25 compared",
    )


def ours(truth: str, guess: str, out: str) -> Timing:
    """Scores by openseg."""
    from openseg_evals.score.registry import score

    found: list[dict[str, Any]] = []
    timing = timed(
        lambda: found.append(
            score("scannet_instances", Path(truth), Path(guess), {"labels": "scannet200"})
        )
    )
    numbers = [found[0][name] for name in ("AP", "AP50", "AP25")]
    Path(out).write_text(json.dumps(numbers), "utf-8")
    return timing


def peer(truth: str, guess: str, out: str, folder: str) -> Timing:
    """Scores by the official script, masks read by its own reader."""
    if not hasattr(np, "in1d"):  # newer NumPy dropped the name that the script uses
        np.in1d = np.isin  # type: ignore[attr-defined]
    sys.path.insert(0, folder)
    from eval_semantic_instance import evaluate  # type: ignore[import-not-found]
    from util_3d import load_ids  # type: ignore[import-not-found]

    found: list[Any] = []

    def work() -> None:
        scenes = {}
        for listed in sorted(Path(guess).glob("*.txt")):
            lines = [line.split(" ") for line in listed.read_text("utf-8").splitlines()]
            masks = [load_ids(str(listed.parent / line[0])) for line in lines]
            scenes[listed.stem] = {
                "pred_masks": np.stack(masks, axis=1),
                "pred_classes": np.array([int(line[1]) for line in lines]),
                "pred_scores": np.array([float(line[2]) for line in lines]),
            }
        found.append(evaluate(scenes, truth, "", dataset="scannet200"))

    with redirect_stdout(StringIO()):
        timing = timed(work)
    averages = found[0][0]
    numbers = [averages[name] for name in ("all_ap", "all_ap_50%", "all_ap_25%")]
    Path(out).write_text(json.dumps([float(one) for one in numbers]), "utf-8")
    return timing


def write(truth: Path, guess: Path, scenes: int, vertices: int, masks: int) -> None:
    """Writes scenes of twenty true objects; predictions are some of them, moved a little."""
    random = np.random.default_rng(0)
    classes = (2, 4, 5, 7, 8, 31, 32, 1163)
    (guess / "masks").mkdir(parents=True)
    truth.mkdir()
    for scene in range(scenes):
        name = f"scene{scene:04d}_00"
        edges = np.sort(random.choice(vertices, 20, replace=False))
        instance = np.searchsorted(edges, np.arange(vertices), side="right")
        label = np.array([0, *random.choice(classes, 20)])[instance]
        ids = map(str, (label * 1000 + instance).tolist())
        (truth / f"{name}.txt").write_text("\n".join(ids) + "\n", "utf-8")
        listed = []
        for number in range(masks):
            row = int(random.integers(1, 21))
            moved = np.roll(instance == row, int(random.integers(-300, 300)))
            file = f"masks/{name}_{number:03d}.txt"
            digits = np.full((vertices, 2), ord("\n"), dtype=np.uint8)
            digits[:, 0] = moved + ord("0")
            (guess / file).write_bytes(digits.tobytes())
            of = label[instance == row][0] if (instance == row).any() else classes[0]
            listed.append(f"{file} {of} {random.random():.4f}")
        (guess / f"{name}.txt").write_text("\n".join(listed) + "\n", "utf-8")
