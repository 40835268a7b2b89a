"""Scores the mini models on held-out scenes: `python -m openseg.mini.evaluate`.

Renders scenes of both test splits, which takes most of the time once, and prints a table or one
JSON object. The scenes are numbers 1000 and following: earlier ones were looked at while the models
were made.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from openseg.mini.recipes.data import SceneShards
from openseg.mini.scores import (
    Score,
    detector_recall,
    encoder_choice,
    method_iou,
    segmenter_iou,
)
from openseg.mini.world.shards import ShardJob, write_shards
from openseg.mini.world.splits import Split
from openseg.models.store import ModelStore

SPLITS: tuple[Split, ...] = ("test_seen", "test_unseen")
SHARD = 1
METHODS = ("grounded_sam", "clip_ranked_masks")


def evaluate(data: Path, count: int) -> dict[str, dict[str, Score]]:
    """Scores every mini model and method on both test splits.

    Args:
        data: Folder with the rendered splits.
        count: Scenes a split.

    Returns:
        For each split, the scores by name.
    """
    store = ModelStore()
    scores: dict[str, dict[str, Score]] = {}
    for split in SPLITS:
        shards = SceneShards(data, split)
        scenes = [shards[i] for i in range(count)]
        recall, choice = detector_recall(store, scenes), encoder_choice(store, scenes)
        scores[split] = {
            "detector recall, top box at IoU 0.5": recall["all"],
            "detector recall, held-out pairs": recall["held_out"],
            "segmenter mean IoU from boxes": segmenter_iou(store, scenes),
            "encoder right of 20": choice["all"],
            "encoder right of 20, held-out pairs": choice["held_out"],
            **{f"{name} mean IoU": method_iou(name, scenes) for name in METHODS},
        }
    return scores


def table(scores: dict[str, dict[str, Score]]) -> str:
    """The scores as a Markdown table."""
    lines = [f"| measure | {' | '.join(scores)} |", "|---" * (len(scores) + 1) + "|"]
    for name in next(iter(scores.values())):
        cells = [
            f"{one[name].value:.3f} (n={one[name].count})" if one[name].count else "-"
            for one in scores.values()
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Parses the arguments, renders what is missing, prints the scores."""
    parser = argparse.ArgumentParser(prog="python -m openseg.mini.evaluate", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=Path("data/mini-scores"), help="rendered scenes"
    )
    parser.add_argument("--scenes", type=int, default=200, help="scenes a split")
    parser.add_argument("--processes", type=int, default=2, help="processes that render")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    write_shards([ShardJob(s, SHARD, given.scenes, given.data) for s in SPLITS], given.processes)
    scores = evaluate(given.data, given.scenes)
    if given.json:
        plain: dict[str, Any] = {
            split: {name: {"value": s.value, "n": s.count} for name, s in found.items()}
            for split, found in scores.items()
        }
        sys.stdout.write(json.dumps(plain) + "\n")
    else:
        sys.stdout.write(table(scores) + "\n")


if __name__ == "__main__":
    main()
