"""Pictures of things in the space of words: a picture's vector is that of the region it shows."""

from __future__ import annotations

import pytest
import torch

from openseg.io.images import read_image
from openseg.models.store import ModelStore
from openseg.stages.embed.masked_crops import EmbedMaskedCrops
from openseg.stages.embed.template_crops import EmbedTemplateCrops
from openseg.types import Image, Phrase, Template, Templates
from tests.stages.values import masks_of

BALL = (422, 222, 530, 330)


@pytest.fixture(scope="module")
def encoder():
    return ModelStore(device="cpu").load("clip")


def test_a_mirrored_picture_is_most_like_the_thing_it_shows(encoder, room):
    """The purple ball of the sample image among squares of other places."""
    image = read_image(room)
    height, width = image.size
    others = [(left, top, left + 108, top + 108) for left in (0, 600) for top in (40, 430)]
    regions = masks_of(BALL, *others, size=image.size)
    [found] = EmbedMaskedCrops(EmbedMaskedCrops.Config(), encoder).run([image], [regions])[0]
    left, top, right, bottom = BALL
    mirrored = Template(
        Image(image.pixels.flip(2), "mirrored"),
        masks_of((width - right, top, width - left, bottom), size=(height, width)).data[0],
        Phrase("ball", 0, (0, 4)),
    )
    stage = EmbedTemplateCrops(EmbedTemplateCrops.Config(), encoder)
    [vectors], [query] = stage.run([Templates((mirrored,))])
    cosines = found.vectors @ vectors.vectors[0]
    assert int(cosines.argmax()) == 0
    assert cosines[0] > cosines[1:].max() + 0.05
    assert [phrase.text for phrase in query.phrases] == ["ball"]


def test_no_template_gives_no_row_beside_samples_that_have_some(encoder, room):
    image = read_image(room)
    one = Template(image, masks_of(BALL, size=image.size).data[0], Phrase("ball", 0, (0, 4)))
    stage = EmbedTemplateCrops(EmbedTemplateCrops.Config(), encoder)
    vectors, queries = stage.run([Templates(()), Templates((one, one))])
    assert [len(some.vectors) for some in vectors] == [0, 2]
    assert [len(query.phrases) for query in queries] == [0, 2]
    torch.testing.assert_close(vectors[1].vectors[0], vectors[1].vectors[1])
