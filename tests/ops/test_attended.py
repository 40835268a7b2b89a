"""From attention to a box: what is always looked at does not count, and a place hangs together."""

from __future__ import annotations

import torch

from openseg.ops.attended import attended_box, relative_attention


def test_a_token_that_draws_attention_under_every_question_is_no_place():
    usual = torch.full((8, 8), 0.01)
    usual[0, 0] = 5.0  # a sink
    asked = usual.clone()
    asked[5:7, 2:4] += 0.1
    assert int(asked.argmax()) == 0
    heat = relative_attention(asked, usual)
    y, x = divmod(int(heat.argmax()), 8)
    assert (y in {5, 6}, x in {2, 3}) == (True, True)


def test_the_same_attention_is_nothing_special():
    usual = torch.rand(6, 6, generator=torch.Generator().manual_seed(0))
    heat = relative_attention(usual * 3, usual)  # the sum does not matter, only the shares
    assert torch.allclose(heat, torch.ones(6, 6), atol=1e-4)
    assert torch.isfinite(relative_attention(torch.zeros(6, 6), torch.zeros(6, 6))).all()


def test_the_box_covers_the_cells_around_the_peak_and_no_others():
    heat = torch.zeros(4, 8)
    heat[1:3, 2:5] = 1.0
    heat[2, 3] = 2.0
    heat[0, 7] = 1.9  # as warm, but elsewhere
    # Cells of 10 by 25 pixels in an image of 40 by 200.
    assert attended_box(heat, 0.5, (40, 200)).tolist() == [50.0, 10.0, 125.0, 30.0]
    assert attended_box(heat, 1.0, (40, 200)).tolist() == [75.0, 20.0, 100.0, 30.0]


def test_heat_everywhere_is_the_whole_image():
    assert attended_box(torch.ones(3, 3), 0.5, (30, 60)).tolist() == [0.0, 0.0, 60.0, 30.0]
    assert attended_box(torch.zeros(3, 3), 0.5, (30, 60)).tolist() == [0.0, 0.0, 60.0, 30.0]
