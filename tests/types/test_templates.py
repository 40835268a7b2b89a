"""Templates: masks fit their pictures; pictures of one thing are told by its class."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from openseg.graph import address, codec
from openseg.io.images import image_from
from openseg.types import Phrase, Template, Templates
from openseg.types.errors import ShapeError


def template(height, width, phrase, seed=0):
    random = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (height, width, 3), generator=random, dtype=torch.uint8)
    mask = torch.zeros(height, width, dtype=torch.bool)
    mask[1:3, 2:] = True
    return Template(image_from(pixels.numpy(), "a picture"), mask, phrase)


MUG, HAT = Phrase("mug", 1, (5, 8)), Phrase("hat", 0, (0, 3))


def test_each_thing_is_named_once():
    again = Phrase("cup", 1, (10, 13))
    some = Templates((template(4, 6, MUG), template(8, 5, HAT), template(4, 4, again)))
    assert len(some) == 3
    assert some.things == (MUG, HAT)


def test_a_mask_of_another_size_is_refused():
    one = template(4, 6, MUG)
    with pytest.raises(
        ShapeError, match=r"Template\.mask must be bool \[4, 6\], got bool \[6, 4\]"
    ):
        dataclasses.replace(one, mask=one.mask.T)


def test_none_at_all_are_no_thing():
    assert Templates(()).things == ()


def test_they_are_stored_and_have_an_address_of_their_content():
    some = Templates((template(4, 6, MUG, 1), template(8, 5, HAT, 2)))
    read = codec.decode(Templates, codec.encode(some))
    assert address.digest(read) == address.digest(some)
    assert torch.equal(read.items[1].mask, some.items[1].mask)
    assert read.items[1].phrase == HAT
    mask = some.items[0].mask.clone()
    mask[0, 0] = True
    other = Templates((dataclasses.replace(some.items[0], mask=mask), some.items[1]))
    assert address.digest(other) != address.digest(some)
