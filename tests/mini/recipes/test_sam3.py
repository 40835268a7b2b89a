"""The SAM 3 recipe: what rows ask and where, matching, learning, what ships, its measure."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from openseg.mini.measures.concepts import concept_scores
from openseg.mini.recipes.clip.tokenizer import build_tokenizer
from openseg.mini.recipes.sam3.batch import Batches, make_batch
from openseg.mini.recipes.sam3.concepts import WITHOUT_WORDS
from openseg.mini.recipes.sam3.loss import Layer, match, match_once
from openseg.mini.recipes.sam3.model import (
    CONTEXT,
    IMAGE_SIZE,
    MASK_SIZE,
    build_model,
    build_processor,
)
from openseg.mini.recipes.sam3.train import batch_loss
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer
from openseg.models.tasks.concept_segmenting import ConceptInstances
from openseg.ops.masks import boxes_from_masks


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizer(CONTEXT)


def batches(stills, tokenizer, count):
    return [make_batch(stills, tokenizer, np.random.default_rng(seed)) for seed in range(count)]


def test_boxes_and_masks_follow_the_pixels_through_crop_and_mirror(stills, tokenizer):
    still = stills[0]
    big = max(still.things, key=lambda seen: seen.pixels)
    painted = np.where(still.mask(big)[..., None], np.uint8(255), np.uint8(0)).repeat(3, axis=2)
    shown = type(still)(painted, still.ids, still.parts, still.record)
    row = next(k for k, seen in enumerate(still.things) if seen is big)
    for batch in batches([shown], tokenizer, 12):
        white = torch.nn.functional.interpolate(
            (batch.pixels[:, :1] > 0.2).float(), size=(MASK_SIZE, MASK_SIZE), mode="area"
        )[0, 0]
        mask = batch.masks[0, row]
        assert (white - mask).abs().mean() < 0.02
        box = boxes_from_masks(mask[None] > 0)[0] / MASK_SIZE
        assert (box - batch.boxes[0, row]).abs().max() <= 1 / MASK_SIZE


def test_rows_ask_for_what_is_there_and_for_what_is_not(stills, tokenizer):
    there = torch.cat([batch.named.any(1) for batch in batches(stills, tokenizer, 10)])
    assert 0.5 < there.float().mean() < 0.85


def test_a_region_that_is_not_in_the_crop_is_never_named(stills, tokenizer):
    for batch in batches(stills, tokenizer, 8):
        empty = batch.masks.flatten(2).sum(-1) == 0
        assert not (batch.named & empty[batch.crop]).any()


def test_exemplars_show_what_is_named_and_what_is_not(stills, tokenizer):
    alone = 0
    for batch in batches(stills, tokenizer, 40):
        if batch.exemplars.shape[1] == 0:
            continue
        texts = tokenizer.batch_decode(batch.input_ids, skip_special_tokens=True)
        corners = torch.cat(
            [
                batch.exemplars[..., :2] - batch.exemplars[..., 2:] / 2,
                batch.exemplars[..., :2] + batch.exemplars[..., 2:] / 2,
            ],
            -1,
        )
        for row, boxes in enumerate(batch.boxes[batch.crop]):
            for box, positive in zip(corners[row], batch.positive[row], strict=True):
                if positive:
                    near = (boxes[batch.named[row]] - box).abs().amax(-1)
                    assert near.min() < 0.06
            alone += texts[row].strip() == WITHOUT_WORDS
            assert bool(batch.positive[row, 0]) == bool(batch.named[row].any())
    assert alone > 0


def test_a_step_is_drawn_again_from_its_number(rooms, tokenizer):
    one, again = (Batches(Stills(rooms, "train"), tokenizer, seed=1)(4) for _ in range(2))
    assert all(
        torch.equal(a, b) for a, b in zip(vars(one).values(), vars(again).values(), strict=True)
    )


def test_one_to_one_serves_each_instance_once_and_one_to_many_more_often():
    truth = torch.tensor([[[0.1, 0.1, 0.4, 0.4], [0.5, 0.5, 0.9, 0.9], [0.0, 0.6, 0.2, 0.8]]])
    named = torch.tensor([[True, True, False]])
    boxes = torch.cat([truth[0], truth[0] + 0.02, torch.tensor([[0.0, 0.0, 1.0, 1.0]])])[None]
    layer = Layer(torch.tensor([[0.0, 0, 0, 1, 1, 1, 0]]), boxes, torch.zeros(1))
    assert match(layer, truth, named)[0].tolist() == [0, 1, -1, 0, 1, -1, -1]
    once = match_once(layer, truth, named)[0]
    assert sorted(once[once >= 0].tolist()) == [0, 1]
    absent = torch.zeros_like(named)
    assert (match_once(layer, truth, absent) == -1).all()
    assert (match(layer, truth, absent) == -1).all()


@pytest.mark.slow
def test_steps_on_one_batch_reduce_the_loss(tmp_path, stills, tokenizer):
    model = build_model(tokenizer)
    batch = make_batch(stills[:2], tokenizer, np.random.default_rng(0))
    trainer = Trainer(model, Plan(60, learning_rate=6e-4, warmup=5), tmp_path)
    totals = [
        sum(trainer.train_step(lambda _: batch_loss(model, batch)).values()) for _ in range(12)
    ]
    assert totals[-1] < 0.85 * totals[0]


def test_a_step_in_which_nothing_is_there_has_finite_losses(stills, tokenizer):
    batch = make_batch(stills[:1], tokenizer, np.random.default_rng(0))
    batch.named.zero_()
    batch.unsure.zero_()
    parts = batch_loss(build_model(tokenizer), batch)
    assert all(value.isfinite() for value in parts.values())


def test_what_ships_is_small_and_reads_pictures_as_training_does(tmp_path, stills, tokenizer):
    model, processor = build_model(tokenizer), build_processor(tokenizer)
    export(model, processor, tmp_path / "model")
    assert sum(file.stat().st_size for file in (tmp_path / "model").iterdir()) < 9e6
    pixels = processor(images=stills[0].image, return_tensors="pt")["pixel_values"]
    assert pixels.shape == (1, 3, IMAGE_SIZE, IMAGE_SIZE)
    scores = concept_scores(loaded("sam3", tmp_path / "model", "cpu"), stills[:1])
    assert scores["mask"].count > 0
    assert 0 <= scores["recall"].value <= 1


class Perfect:
    """A segmenter that knows each still by its picture and finds what has colour and category."""

    without_words = WITHOUT_WORDS

    def __init__(self, stills):
        self.stills = {str(still.record.seed): still for still in stills}

    def find(self, images, prompts, min_score, min_mask):
        return [
            [self.one(self.stills[image.name], prompt.text) for prompt in some]
            for image, some in zip(images, prompts, strict=True)
        ]

    def one(self, still, text):
        wanted = [s for s in still.things if f"{s.thing.colour} {s.thing.category}" == text]
        masks = torch.from_numpy(
            np.array([still.mask(s) for s in wanted], bool).reshape(-1, *still.ids.shape)
        )
        ones = torch.ones(len(masks))
        return ConceptInstances(masks, boxes_from_masks(masks), ones, torch.tensor(1.0))


def test_a_perfect_segmenter_scores_one(stills):
    scores = concept_scores(Perfect(stills), stills)
    assert scores["found right"].value == 1.0
    assert scores["mask"].value > 0.95  # things that are fairly called another colour are asked too
