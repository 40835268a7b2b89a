"""Scores of a mini detector on held-out scenes: recall of the right phrase's top box, and AUC.

Every scene is asked once with a prompt of all its phrases ("red cup", "blue chair") and once with
as many absent ones mixed in. The top box of a phrase is the query with the highest score over the
phrase's tokens; no threshold and no suppression is involved. To score a model folder, run
``python -m openseg.mini.recipes.grounding_dino_eval --data DIR --model DIR``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor
from transformers import GroundingDinoForObjectDetection, GroundingDinoProcessor

from openseg.mini.recipes.data import Scene, SceneShards
from openseg.mini.recipes.detector_text import PhraseEncoder
from openseg.mini.recipes.grounding_dino_loss import iou, to_corners
from openseg.mini.world.vocabulary import SEEN_PAIRS, UNSEEN_PAIRS


@dataclass(frozen=True)
class DetectorScores:
    """Scores over a set of scenes.

    Attributes:
        scenes: number of scenes.
        phrases: number of phrases that name an object.
        recall: share of them whose top box has IoU 0.5 or more with an object they name, when the
            prompt holds the scene's phrases.
        recall_mixed: the same with as many absent phrases in the prompt.
        held_out_phrases: phrases among them whose colour-category pair was held out of training.
        held_out_recall: `recall` of those; NaN if there are none.
        held_out_recall_mixed: `recall_mixed` of those; NaN if there are none.
        mean_iou: mean IoU of the top box with the best object the phrase names.
        auc: chance that a present phrase scores higher than an absent one, in the mixed prompts.
    """

    scenes: int
    phrases: int
    recall: float
    recall_mixed: float
    held_out_phrases: int
    held_out_recall: float
    held_out_recall_mixed: float
    mean_iou: float
    auc: float

    def as_dict(self) -> dict[str, float]:
        """Return the fields by name, rounded to four digits."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@torch.no_grad()
def evaluate(
    model: GroundingDinoForObjectDetection,
    processor: GroundingDinoProcessor,
    scenes: Sequence[Scene],
    pairs: Sequence[tuple[str, str]],
    *,
    held_out: Sequence[tuple[str, str]] = (),
    seed: int = 0,
    batch_size: int = 25,
) -> DetectorScores:
    """Measure a detector on scenes it has not seen.

    Args:
        model: detector; its mode is left as it was.
        processor: its processor.
        scenes: scenes with their objects.
        pairs: colour-category pairs to draw absent phrases from.
        held_out: pairs kept out of training.
        seed: seed of the draw of absent phrases and of the order in a prompt.
        batch_size: scenes a forward pass.
    """
    rng = np.random.default_rng(seed)
    training = model.training
    model.eval()
    plain: list[float] = []
    mixed: list[float] = []
    unseen: list[bool] = []
    present_scores: list[float] = []
    absent_scores: list[float] = []
    for start in range(0, len(scenes), batch_size):
        chunk = scenes[start : start + batch_size]
        present = [sorted({item.pair for item in scene.objects}) for scene in chunk]
        absent = [_absent(names, pairs, rng) for names in present]
        prompts = [_shuffled(p, rng) for p in present]
        for scene, prompt, found in zip(
            chunk, prompts, top_boxes(model, processor, chunk, prompts), strict=True
        ):
            for pair in sorted(prompt):
                plain.append(_overlap(found[pair][1], scene, pair))
                unseen.append(pair in held_out)
        prompts = [_shuffled(p + a, rng) for p, a in zip(present, absent, strict=True)]
        for scene, names, found in zip(
            chunk, present, top_boxes(model, processor, chunk, prompts), strict=True
        ):
            mixed += [_overlap(found[pair][1], scene, pair) for pair in names]
            present_scores += [found[pair][0] for pair in names]
            absent_scores += [score for pair, (score, _) in found.items() if pair not in names]
    model.train(training)
    hits, hits_mixed, of_unseen = np.array(plain) >= 0.5, np.array(mixed) >= 0.5, np.array(unseen)
    return DetectorScores(
        scenes=len(scenes),
        phrases=len(hits),
        recall=_mean(hits),
        recall_mixed=_mean(hits_mixed),
        held_out_phrases=int(of_unseen.sum()),
        held_out_recall=_mean(hits[of_unseen]),
        held_out_recall_mixed=_mean(hits_mixed[of_unseen]),
        mean_iou=_mean(np.array(plain)),
        auc=area_under_curve(present_scores, absent_scores),
    )


def top_boxes(
    model: GroundingDinoForObjectDetection,
    processor: GroundingDinoProcessor,
    scenes: Sequence[Scene],
    prompts: Sequence[Sequence[tuple[str, str]]],
) -> list[dict[tuple[str, str], tuple[float, Tensor]]]:
    """Find the highest-scoring box of every phrase.

    Args:
        model: detector.
        processor: its processor.
        scenes: b scenes of one size.
        prompts: colour-category pairs asked of each scene.

    Returns:
        For each scene and pair the score and the box xyxy in pixels, float32 [4].
    """
    texts = [[" ".join(pair) for pair in prompt] for prompt in prompts]
    inputs = processor(
        images=[scene.image for scene in scenes], text=texts, padding=True, return_tensors="pt"
    )
    outputs = model(**inputs)
    scores, boxes = outputs.logits.sigmoid(), to_corners(outputs.pred_boxes)
    encode = PhraseEncoder(processor.tokenizer)
    found = []
    for row, (scene, prompt) in enumerate(zip(scenes, prompts, strict=True)):
        owners = torch.tensor(encode(texts[row])[1])
        height, width = scene.image.shape[:2]
        scale = torch.tensor([width, height, width, height])
        answers = {}
        for index, pair in enumerate(prompt):
            tokens = torch.nonzero(owners == index)[:, 0]
            best, query = scores[row][:, tokens].amax(-1).max(0)
            answers[pair] = (float(best), boxes[row, query] * scale)
        found.append(answers)
    return found


def area_under_curve(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Area under the ROC curve by ranks (Mann-Whitney), ties counted half; NaN if one is empty."""
    if not positive or not negative:
        return float("nan")
    ranks = rankdata([*positive, *negative])
    above = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(above / (len(positive) * len(negative)))


def _absent(
    present: Sequence[tuple[str, str]], pairs: Sequence[tuple[str, str]], rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Draw as many absent pairs as present ones, half of them sharing a word with one of these."""
    colours, categories = {p[0] for p in present}, {p[1] for p in present}
    free = [pair for pair in pairs if pair not in present]
    close = [pair for pair in free if pair[0] in colours or pair[1] in categories]
    drawn: dict[tuple[str, str], None] = {}
    while len(drawn) < min(len(present), len(free)):
        pool = close if close and rng.random() < 0.5 else free
        drawn[pool[rng.integers(len(pool))]] = None
    return list(drawn)


def _shuffled(prompt: Sequence[tuple[str, str]], rng: np.random.Generator) -> list[tuple[str, str]]:
    return [prompt[i] for i in rng.permutation(len(prompt))]


def _overlap(box: Tensor, scene: Scene, pair: tuple[str, str]) -> float:
    """IoU of a box with the best of the objects that the pair names."""
    truth = torch.tensor([item.box for item in scene.objects if item.pair == pair])
    return float(iou(box, truth).max())


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def main() -> None:
    """Score a model folder on both test splits and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the rendered splits")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--scenes", type=int, default=200, help="first scenes of each split")
    given = parser.parse_args()
    model = GroundingDinoForObjectDetection.from_pretrained(given.model)
    processor = GroundingDinoProcessor.from_pretrained(given.model)
    found = {}
    for split, pairs in (
        ("test_seen", SEEN_PAIRS),
        ("test_unseen", (*SEEN_PAIRS, *UNSEEN_PAIRS)),
    ):
        shards = SceneShards(given.data, split)
        scenes = [shards[i] for i in range(min(given.scenes, len(shards)))]
        scores = evaluate(model, processor, scenes, pairs, held_out=UNSEEN_PAIRS)
        found[split] = scores.as_dict()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
