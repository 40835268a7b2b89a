"""The recipe of mini-sam learns, and its shipped weights follow boxes and points."""

import numpy as np
import pytest
import torch
from transformers import SamModel, SamProcessor

import openseg
from openseg.mini.recipes.sam import (
    SamLoss,
    build_model,
    build_processor,
    mask_losses,
    pixel_values,
)
from openseg.mini.recipes.sam_eval import evaluate_sam, intersection_over_union
from openseg.mini.recipes.sam_prompts import (
    box_of,
    centre_point,
    correction_points,
    draw_prompts,
)

SHIPPED = next(iter(openseg.__path__)) + "/mini/weights/sam"


@pytest.fixture(scope="module")
def shipped():
    model, found = SamModel.from_pretrained(SHIPPED, output_loading_info=True)
    assert not found["missing_keys"]
    assert not found["unexpected_keys"]
    return model.eval(), SamProcessor.from_pretrained(SHIPPED)


def test_a_few_steps_on_one_batch_lower_the_loss(held_out_scenes):
    torch.manual_seed(0)
    model = build_model(width=64, depth=2, decoder=32)
    loss = SamLoss(model, scenes=None, seed=0)
    scenes = held_out_scenes[:2]
    prompts = draw_prompts(scenes, 3, "box", (0, 0))
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    totals = []
    for _ in range(25):
        parts = loss.compare(pixel_values(scenes), prompts, several=False, again=False)
        total = sum(parts.values())
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(total.item())
    assert totals[-1] < 0.9 * totals[0]


def test_every_kind_of_prompt_gives_finite_losses_and_gradients(held_out_scenes):
    torch.manual_seed(0)
    model = build_model(width=64, depth=2, decoder=32)
    loss = SamLoss(model, scenes=None, seed=0)
    scenes = held_out_scenes[:2]
    for kind in ("box", "point", "points"):
        prompts = draw_prompts(scenes, 2, kind, (0, 1))
        parts = loss.compare(pixel_values(scenes), prompts, several=True, again=True)
        model.zero_grad()
        sum(parts.values()).backward()
        assert all(torch.isfinite(value) for value in parts.values())
        assert model.prompt_encoder.mask_embed.conv1.weight.grad.abs().sum() > 0


def test_the_best_of_three_masks_is_the_one_that_learns():
    right = torch.zeros(1, 1, 8, 8)
    right[..., 2:6, 2:6] = 1.0
    good, bad = 20.0 * right - 10.0, 10.0 - 20.0 * right
    logits = torch.stack((bad, good, bad), dim=2).requires_grad_()
    said = torch.tensor([[[0.0, 1.0, 0.0]]])
    parts = mask_losses(logits, said, right, torch.ones(1, 1, dtype=torch.bool))
    # The two wrong masks weigh 0.05 / 3 each.
    assert parts["loss_mask"] < 0.05 * (20.0 * 10.0 + 1.0)
    assert parts["loss_iou"] == 0.0


def test_a_background_point_teaches_only_that_there_is_nothing():
    logits = torch.full((1, 1, 1, 8, 8), 5.0, requires_grad=True)
    said = torch.tensor([[[0.5]]])
    parts = mask_losses(logits, said, torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, dtype=torch.bool))
    assert parts["loss_mask"] == 0.0
    assert parts["loss_iou"] == pytest.approx(0.25)


def test_prompts_lie_where_their_labels_say(held_out_scenes):
    prompts = draw_prompts(held_out_scenes, 4, "points", (3, 4))
    xy, labels = prompts.points.long(), prompts.labels
    assert set(labels.unique().tolist()) == {0, 1}
    for b, n, k in np.ndindex(*labels.shape):
        x, y = xy[b, n, k].tolist()
        assert prompts.masks[b, n, y, x] == labels[b, n, k]
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
    assert box_of(ring).tolist() == [3.0, 3.0, 38.0, 38.0]


def test_intersection_over_union_of_known_squares():
    a = np.zeros((10, 10), bool)
    b = a.copy()
    a[0:4, 0:4] = True
    b[2:6, 0:4] = True
    assert intersection_over_union(a, b) == pytest.approx(8 / 24)
    assert intersection_over_union(a, ~a & a) == 0.0


def test_training_and_shipped_preprocessing_agree(held_out_scenes):
    ours = pixel_values(held_out_scenes[:1])
    theirs = build_processor()(images=held_out_scenes[0].image, return_tensors="pt")
    torch.testing.assert_close(ours, theirs["pixel_values"], atol=0.02, rtol=0)


def test_the_shipped_weights_segment_held_out_objects(shipped, held_out_scenes):
    scores = evaluate_sam(*shipped, held_out_scenes)
    assert scores["objects"] >= 20
    assert scores["box_iou"] >= 0.8
    assert scores["point_iou_best"] >= 0.7
    assert scores["iou_correlation"] >= 0.3
