"""Heat is highest on the thing that a support image shows, in any number of things and pictures."""

from __future__ import annotations

import pytest
import torch
from pydantic import ValidationError
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from openseg.io.images import image_from
from openseg.stages.fuse.heatmaps import FuseHeatmaps
from openseg.stages.score.template_heat import ScoreTemplateHeat
from openseg.stages.score.template_heat_diffusion import ScoreTemplateHeatDiffusion
from openseg.types import Heatmaps, Phrase, Template, Templates
from tests.stages.tiny import tiny_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tiny_store(tmp_path_factory.mktemp("tiny"))


def patterned(*stripes):
    """A picture of vertical stripes, each with a pattern of its own."""
    y, x = torch.meshgrid(torch.arange(112), torch.arange(112), indexing="ij")
    looks = {
        "dots": ((x % 6 < 3) ^ (y % 6 < 3))[..., None] * torch.tensor([250, 30, 30]),
        "lines": (y % 8 < 4)[..., None] * torch.tensor([40, 240, 60]),
        "plain": torch.full((112, 112, 3), 120),
    }
    width = 112 // len(stripes)
    pixels = torch.cat([looks[one][:, :width] for one in stripes], dim=1)
    return image_from(pixels.to(torch.uint8).numpy(), " ".join(stripes))


def template(image, stripe, stripes, class_id):
    mask = torch.zeros(image.size, dtype=torch.bool)
    width = image.size[1] // stripes
    mask[10:-10, stripe * width + 2 : (stripe + 1) * width - 2] = True
    return Template(image, mask, Phrase(f"thing {class_id}", class_id, (0, 7)))


SUPPORT = patterned("plain", "dots", "lines", "plain")
TEMPLATES = Templates((template(SUPPORT, 1, 4, 4), template(SUPPORT, 2, 4, 2)))
TARGET = patterned("lines", "plain", "plain", "dots")


def stages(store):
    return (
        ScoreTemplateHeat(ScoreTemplateHeat.Config(), store.load("dinov2")),
        ScoreTemplateHeatDiffusion(
            ScoreTemplateHeatDiffusion.Config(), store.load("stable-diffusion")
        ),
    )


def test_each_thing_is_warm_where_it_is(store):
    # Random models know places as well as looks: the picture itself is searched.
    for stage in stages(store):
        [heat], [phrases] = stage.run([SUPPORT], [TEMPLATES])
        assert [phrase.class_id for phrase in phrases.items] == [4, 2]
        assert heat.size == SUPPORT.size
        quarters = adaptive_avg_pool2d(heat.values, (1, 4))[:, 0]
        assert quarters.argmax(dim=1).tolist() == [1, 2]
        assert 0 <= float(heat.values.min()) <= float(heat.values.max()) <= 1


def test_blocks_are_weighed(store):
    model = store.load("stable-diffusion")
    heats = {}
    for blocks, weights in (((0,), (1.0,)), ((2,), (1.0,)), ((0, 2), (3.0, 1.0))):
        config = ScoreTemplateHeatDiffusion.Config(blocks=blocks, weights=weights)
        [heat], _ = ScoreTemplateHeatDiffusion(config, model).run([TARGET], [TEMPLATES])
        heats[blocks] = heat.values
    fine = heats[2,].shape[-2:]
    coarse = interpolate(heats[0,][None], fine, mode="bilinear")[0]
    wanted = (3 * coarse + heats[2,]) / 4
    torch.testing.assert_close(heats[0, 2], wanted, atol=1e-5, rtol=1e-4)
    with pytest.raises(ValidationError, match="2 blocks need as many weights"):
        ScoreTemplateHeatDiffusion.Config(blocks=(0, 1), weights=(1.0,))


def test_fused_maps_are_weighted_means_on_the_finer_grid():
    first = Heatmaps(torch.full((2, 3, 8), 0.2), (60, 80))
    second = Heatmaps(torch.full((2, 6, 4), 0.8), (60, 80))
    [fused] = FuseHeatmaps(FuseHeatmaps.Config(second_weight=0.25)).run([first], [second]).heatmaps
    assert fused.values.shape == (2, 6, 8)
    torch.testing.assert_close(fused.values, torch.full((2, 6, 8), 0.35))
