"""A drawn box frames its region and leaves everything else as it was."""

import torch

from openseg.ops.marks import RED, boxed


def test_the_line_lies_around_the_box():
    pixels = torch.full((3, 40, 60), 7, dtype=torch.uint8)
    marked = boxed(pixels, (10, 12, 30, 25))
    red = (marked == torch.tensor(RED, dtype=torch.uint8)[:, None, None]).all(0)
    # A line of 2 pixels around 20 by 13: (24 * 17) - (20 * 13), by hand.
    assert red.sum() == 148
    assert red[10, 8]
    assert red[26, 31]
    assert not red[12:25, 10:30].any()
    assert (marked[:, ~red] == 7).all()
    assert (pixels == 7).all()


def test_at_the_border_the_line_moves_inside():
    marked = boxed(torch.zeros(3, 20, 20, dtype=torch.uint8), (0, 0, 20, 20))
    red = marked[0] == 255
    assert red.sum() == 20 * 20 - 16 * 16
    assert not red[2:18, 2:18].any()


def test_the_line_grows_with_the_picture():
    marked = boxed(torch.zeros(3, 500, 1000, dtype=torch.uint8), (100, 100, 200, 200))
    assert (marked[0, 150] == 255).sum() == 20
