"""A text detector: does the top box of a phrase lie on what it names, and are scores telling?

Every still is asked for phrases about all its things and some of their parts together with as
many that name nothing there, most of them one word off.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from openseg import ops
from openseg.mini.measures.score import Score, area_under_curve, image_of
from openseg.mini.recipes.claims import Claim, ClaimSource, pair_claim, truth
from openseg.mini.recipes.regions import NO, OPEN, YES, Region, answers, part_regions, whole
from openseg.mini.recipes.stills import Still
from openseg.models.protocols import TextDetector

BATCH = 8
PARTS_A_STILL = 2


def detector_scores(
    detector: TextDetector, stills: Sequence[Still], *, unseen: bool = False, seed: int = 0
) -> dict[str, Score]:
    """Recall of the phrases' top boxes, and AUC of present versus absent phrases.

    Args:
        detector: The detector.
        stills: What it is asked about.
        unseen: Whether phrases may name held-out pairs.
        seed: Seed of the phrases.

    Returns:
        `recall` at IoU 0.5 over phrases of things, half of them colour and category; `recall of
        pairs` over these alone, `recall of held-out pairs` over those of them that are held out,
        `recall of parts`; `auc` over phrases of things.
    """
    hits: dict[str, list[bool]] = {"thing": [], "pair": [], "held out": [], "part": []}
    present: list[float] = []
    absent: list[float] = []
    for start in range(0, len(stills), BATCH):
        chunk = stills[start : start + BATCH]
        asked = [_Questions(still, unseen, (seed, start + k)) for k, still in enumerate(chunk)]
        found = detector.detect(
            [image_of(still) for still in chunk], [one.texts for one in asked], 0.0
        )
        for questions, answer in zip(asked, found, strict=True):
            best, rows = answer.scores.max(dim=0)
            for column, claim in enumerate(questions.claims):
                boxes = torch.tensor(questions.boxes(column), device=answer.boxes.device)
                if len(boxes) == 0:
                    absent.append(float(best[column]))
                    continue
                overlap = ops.boxes.iou(answer.boxes[rows[column]][None], boxes.view(-1, 4))
                hit = float(overlap.max()) >= 0.5
                if claim.part is not None:
                    hits["part"].append(hit)
                    continue
                hits["thing"].append(hit)
                present.append(float(best[column]))
                if claim.kind == "pair":
                    hits["pair"].append(hit)
                    if claim.held_out:
                        hits["held out"].append(hit)
    return {
        "recall": Score.of(hits["thing"]),
        "auc": area_under_curve(present, absent),
        "recall of pairs": Score.of(hits["pair"]),
        "recall of held-out pairs": Score.of(hits["held out"]),
        "recall of parts": Score.of(hits["part"]),
    }


class _Questions:
    """The phrases that one still is asked for, in random order, each text once."""

    def __init__(self, still: Still, unseen: bool, seed: tuple[int, int]) -> None:
        source = ClaimSource(np.random.default_rng(seed), unseen=unseen)
        things = [whole(seen) for seen in still.things]
        parts = part_regions(still)
        self._regions: list[Region] = [*things, *parts]
        table = answers(self._regions, unseen=unseen)
        said: dict[str, Claim] = {}

        def add(claims: Sequence[Claim], wanted: int, most: int) -> None:
            """Adds the sure ones, at most so many: `wanted` is YES for present, NO for absent."""
            levels = truth(claims, table)
            for claim, level in zip(claims, levels.T, strict=True):
                sure = level.max(initial=NO) == wanted and (level != OPEN).all()
                if sure and most and source.allowed(claim):
                    text = claim.say(source.speaker, bare=True)
                    most -= text not in said
                    said.setdefault(text, claim)

        add([pair_claim(one) for one in things], YES, len(things))
        add([source.about(one) for one in things], YES, len(things))
        count = len(said)
        chosen = source.draw.shuffled(parts)
        add([source.about(one) for one in chosen[: 2 * PARTS_A_STILL]], YES, PARTS_A_STILL)
        add([source.near(source.about(one)) for one in things for _ in range(6)], NO, count)
        self.texts = source.draw.shuffled(list(said))
        self.claims = [said[text] for text in self.texts]
        self._named = truth(self.claims, table) == YES

    def boxes(self, column: int) -> list[tuple[float, float, float, float]]:
        """Boxes of the regions that a phrase names."""
        return [self._regions[row].box for row in np.flatnonzero(self._named[:, column])]
