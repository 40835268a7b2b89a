"""The recipe of mini-sam learns, and its shipped weights follow boxes and points."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import SamModel

import openseg
from openseg.mini.measures.segmenter import segmenter_scores
from openseg.mini.recipes.sam.loss import Batch, Batches, SamLoss, mask_losses, pixel_values
from openseg.mini.recipes.sam.model import build_model, build_processor
from openseg.mini.recipes.sam.prompts import (
    centre_point,
    correction_points,
    draw_prompts,
    standing_on,
)
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.warm_start import warm_start
from openseg.models.store import ModelStore

SHIPPED = next(iter(openseg.__path__)) + "/mini/weights/sam"


def test_a_few_steps_on_one_batch_lower_the_loss(stills):
    torch.manual_seed(0)
    model = build_model(width=64, depth=2, decoder=32)
    loss = SamLoss(model)
    prompts = draw_prompts(stills[:2], 3, "box", (0, 0))
    batch = Batch(pixel_values(stills[:2]), prompts, several=False, again=False)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    totals = []
    for _ in range(25):
        total = sum(loss(batch).values())
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(total.item())
    assert totals[-1] < 0.9 * totals[0]


def test_every_kind_of_prompt_gives_finite_losses_and_gradients(stills):
    torch.manual_seed(0)
    model = build_model(width=64, depth=2, decoder=32)
    for kind in ("box", "point", "points"):
        prompts = draw_prompts(stills[:2], 2, kind, (0, 1))
        batch = Batch(pixel_values(stills[:2]), prompts, several=True, again=True)
        parts = SamLoss(model)(batch)
        model.zero_grad()
        sum(parts.values()).backward()
        assert all(torch.isfinite(value) for value in parts.values())
        assert model.prompt_encoder.mask_embed.conv1.weight.grad.abs().sum() > 0


def test_a_step_is_drawn_again_from_its_number(rooms):
    one, again = (Batches(Stills(rooms, "train"), seed=1)(4) for _ in range(2))
    assert torch.equal(one.pixels, again.pixels)
    assert torch.equal(one.prompts.masks, again.prompts.masks)


def test_a_point_means_a_part_its_thing_and_what_stands_on_it(stills):
    prompts = draw_prompts(stills, 6, "point", (0, 2))
    sizes = prompts.masks.sum((-2, -1))[prompts.real]
    assert (sizes[:, 0] <= sizes[:, 1]).all()
    assert (sizes[:, 1] <= sizes[:, 2]).all()
    assert (sizes[:, 0] < sizes[:, 1]).float().mean() > 0.4
    assert (sizes[:, 1] < sizes[:, 2]).any()


def test_what_stands_on_a_thing_is_found_through_other_things(stills):
    for still in stills:
        for seen in still.things:
            held = standing_on(still, seen)
            for one in still.things:
                support, found = one.thing.support, one.thing.id == seen.thing.id
                while isinstance(support, int) and not found:
                    found = support == seen.thing.id
                    support = still.scene.thing(support).support
                assert (one.thing.id in held) == found


def test_the_best_of_three_masks_is_the_one_that_learns():
    right = torch.zeros(1, 1, 8, 8)
    right[..., 2:6, 2:6] = 1.0
    good, bad = 20.0 * right - 10.0, 10.0 - 20.0 * right
    logits = torch.stack((bad, good, bad), dim=2).requires_grad_()
    said = torch.tensor([[[0.0, 1.0, 0.0]]])
    wanted = right[:, :, None].expand(-1, -1, 3, -1, -1)
    parts = mask_losses(logits, said, wanted, torch.ones(1, 1, dtype=torch.bool))
    # The two wrong masks weigh 0.05 / 3 each.
    assert parts["loss_mask"] < 0.05 * (20.0 * 10.0 + 1.0)
    assert parts["loss_iou"] == 0.0


def test_each_of_three_masks_learns_its_own_meaning():
    small = torch.zeros(1, 1, 8, 8)
    small[..., 2:4, 2:4] = 1.0
    large = torch.zeros(1, 1, 8, 8)
    large[..., 1:7, 1:7] = 1.0
    wanted = torch.stack((small, large, large), dim=2)
    real = torch.ones(1, 1, dtype=torch.bool)
    said = torch.ones(1, 1, 3)
    in_order = mask_losses(20.0 * wanted - 10.0, said, wanted, real)
    swapped = mask_losses((20.0 * wanted - 10.0).flip(2), said, wanted, real)
    assert in_order["loss_mask"] < 0.1 < swapped["loss_mask"]


def test_a_background_point_teaches_only_that_there_is_nothing():
    logits = torch.full((1, 1, 1, 8, 8), 5.0, requires_grad=True)
    said = torch.tensor([[[0.5]]])
    parts = mask_losses(
        logits, said, torch.zeros(1, 1, 1, 8, 8), torch.zeros(1, 1, dtype=torch.bool)
    )
    assert parts["loss_mask"] == 0.0
    assert parts["loss_iou"] == pytest.approx(0.25)


def test_prompts_lie_where_their_labels_say(stills):
    prompts = draw_prompts(stills, 4, "points", (3, 4))
    xy, labels = prompts.points.long(), prompts.labels
    assert set(labels.unique().tolist()) == {0, 1}
    for b, n, k in np.ndindex(*labels.shape):
        x, y = xy[b, n, k].tolist()
        assert prompts.masks[b, n, 1, y, x] == labels[b, n, k]
    assert bool((labels[:, :, 0] == 1).all())


def test_a_correction_is_drawn_from_the_error():
    truth = torch.zeros(1, 1, 8, 8)
    truth[..., 0:4] = 1.0
    guess = torch.zeros(1, 1, 8, 8, dtype=torch.bool)
    guess[..., 0:3] = True
    points, labels = correction_points(guess, truth, torch.Generator().manual_seed(0))
    assert points[0, 0, 0, 0] == 3.0
    assert labels.tolist() == [[[1]]]


def test_the_centre_point_is_inside_a_ring():
    y, x = np.mgrid[:41, :41]
    ring = np.abs(np.hypot(x - 20, y - 20) - 15) < 3
    x, y = centre_point(ring).astype(int)
    assert ring[y, x]


def test_training_and_shipped_preprocessing_agree(stills):
    ours = pixel_values(stills[:1])
    theirs = build_processor()(images=stills[0].image, return_tensors="pt")
    torch.testing.assert_close(ours, theirs["pixel_values"], atol=0.02, rtol=0)


def test_training_can_go_on_with_the_shipped_weights():
    model = build_model()
    assert warm_start(model, Path(SHIPPED)) == {}
    known = SamModel.from_pretrained(SHIPPED).state_dict()
    assert all(torch.equal(value, known[name]) for name, value in model.state_dict().items())


def test_the_shipped_weights_segment_held_out_objects(held_out_stills):
    score = segmenter_scores(ModelStore().load("sam"), held_out_stills)["box"]
    assert score.count >= 20
    # Who fills each box reaches the share of it that the thing takes, about 0.6.
    masks = [still.mask(seen) for still in held_out_stills for seen in still.things]
    filled = [mask.sum() / (np.ptp(np.nonzero(mask), axis=1) + 1).prod() for mask in masks]
    assert score.value >= max(0.7, np.mean(filled) + 0.08)
