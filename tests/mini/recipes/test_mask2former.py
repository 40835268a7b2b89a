"""The recipe of mini-mask2former learns its closed set, and only that."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from openseg.mini.measures.proposer import proposer_scores
from openseg.mini.recipes.mask2former.batch import Batches, make_batch, segments_of
from openseg.mini.recipes.mask2former.classes import KNOWN, UNKNOWN
from openseg.mini.recipes.mask2former.model import IMAGE_SIZE, build_model, build_processor
from openseg.mini.recipes.mask2former.train import batch_loss
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer
from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.models.tasks.proposals import MaskProposals


def test_every_category_is_known_or_unknown_and_never_both():
    things = {category.name for category in CATEGORIES}
    assert set(KNOWN) | set(UNKNOWN) == things | {"wall", "floor", "ceiling"}
    assert not set(KNOWN) & set(UNKNOWN)
    assert len(set(KNOWN)) == len(KNOWN)
    assert 0.3 < len(UNKNOWN) / len(things) < 0.37


def test_segments_are_the_known_things_and_whole_surfaces(stills):
    for still in stills:
        masks, classes = segments_of(still, still.ids)
        names = [KNOWN[k] for k in classes]
        things = [s for s in still.things if s.thing.category in KNOWN and s.pixels >= 20]
        assert sum(name not in {"wall", "floor", "ceiling"} for name in names) == len(things)
        assert sum(name == "wall" for name in names) <= 1
        for seen in things:
            assert any((mask == still.mask(seen)).all() for mask in masks)
        shown = [s for s in still.things if s.thing.category in UNKNOWN]
        covered = masks.any(axis=0)
        assert not any((covered & still.mask(seen)).any() for seen in shown)


def test_masks_follow_the_pixels_through_crop_and_mirror(stills):
    still = max(stills, key=lambda one: len(segments_of(one, one.ids)[1]))
    masks, _ = segments_of(still, still.ids)
    row = int(masks.sum(axis=(1, 2)).argmax())
    painted = np.where(masks[row][..., None], np.uint8(255), np.uint8(0)).repeat(3, axis=2)
    shown = type(still)(painted, still.ids, still.parts, still.record)
    for seed in range(10):
        batch = make_batch([shown], np.random.default_rng(seed))
        white = batch.pixels[0, 0] > 0.5
        overlaps = [
            float((white & (m > 0)).sum() / (white | (m > 0)).sum()) for m in batch.masks[0]
        ]
        assert max(overlaps, default=1.0) > 0.9 or white.float().mean() < 0.01


def test_a_step_is_drawn_again_from_its_number(rooms):
    one, again = (Batches(Stills(rooms, "train"), seed=1)(4) for _ in range(2))
    assert torch.equal(one.pixels, again.pixels)
    assert all(torch.equal(a, b) for a, b in zip(one.masks, again.masks, strict=True))


def test_a_picture_without_known_things_gives_finite_losses(stills):
    batch = make_batch(stills[:2], np.random.default_rng(0))
    batch.masks[0], batch.classes[0] = batch.masks[0][:0], batch.classes[0][:0]
    assert all(value.isfinite() for value in batch_loss(build_model(), batch).values())


@pytest.mark.slow
def test_steps_on_one_batch_reduce_the_loss(tmp_path, stills):
    model = build_model()
    batch = make_batch(stills[:2], np.random.default_rng(0))
    trainer = Trainer(model, Plan(60, learning_rate=1e-3, warmup=5), tmp_path)
    totals = [
        sum(trainer.train_step(lambda _: batch_loss(model, batch)).values()) for _ in range(8)
    ]
    assert totals[-1] < 0.85 * totals[0]


def test_what_ships_is_small_and_reads_pictures_as_training_does(tmp_path, stills):
    export(build_model(), build_processor(), tmp_path / "model")
    assert sum(file.stat().st_size for file in (tmp_path / "model").iterdir()) < 6e6
    adapter = loaded("mask2former", tmp_path / "model", "cpu")
    assert adapter.class_names == KNOWN
    pixels = build_processor()(stills[0].image, return_tensors="pt")["pixel_values"]
    assert pixels.shape == (1, 3, IMAGE_SIZE, IMAGE_SIZE)


class Perfect:
    """A proposer that finds all known things of the stills it is shown in order."""

    class_names = KNOWN

    def __init__(self, stills):
        self.stills = iter(stills)

    def propose(self, images):
        still = next(self.stills)
        masks, classes = segments_of(still, still.ids)
        chances = torch.eye(len(KNOWN))[classes]
        return [MaskProposals(torch.from_numpy(masks), chances, torch.ones(len(masks)))]


def test_a_perfect_closed_set_proposer_scores_one_on_known_things(stills):
    scores = proposer_scores(Perfect(stills), stills)
    assert scores["known"].value == scores["named"].value == 1.0
    assert scores["unknown"].value < 0.5
