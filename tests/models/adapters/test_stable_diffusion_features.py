"""Features of the denoiser's blocks, against hooks on an untouched UNet of diffusers."""

from __future__ import annotations

import pytest
import torch
from diffusers import DDPMScheduler, StableDiffusionPipeline

from openseg.models.adapters.stable_diffusion.reader import StableDiffusion
from openseg.models.tasks.diffusion import DiffusionFeatures, FeatureReading
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.parity.stable_diffusion.checkpoints import save_pipeline

READING = FeatureReading((0, 2), noise_level=0.2, text="the cup", seed=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_pipeline(tmp_path_factory.mktemp("sd"))


@pytest.fixture
def model(folder):
    return StableDiffusion.load(folder, torch.device("cpu"), torch.float32)


def test_blocks_give_what_hooks_see(folder, model):
    pipe = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    image = picture(32, 32)
    seen = {}
    for at in READING.blocks:
        pipe.unet.up_blocks[at].register_forward_hook(
            lambda _, __, out, at=at: seen.update({at: out})
        )
    latents = model.latents([image])
    noise = torch.randn(latents.shape[1:], generator=torch.Generator().manual_seed(3))[None]
    time = torch.tensor([199])  # the 200th of 1000
    schedule = DDPMScheduler.from_pretrained(folder / "scheduler", local_files_only=True)
    ids = pipe.tokenizer("the cup", padding="max_length", max_length=24, return_tensors="pt")
    with torch.no_grad():
        pipe.unet(
            schedule.add_noise(latents, noise, time), time, pipe.text_encoder(ids.input_ids)[0]
        )
    [found] = model.features([image], READING)
    assert [tuple(one.shape) for one in found] == [(32, 8, 8), (16, 16, 16)]
    for at, one in zip(READING.blocks, found, strict=True):
        torch.testing.assert_close(one, seen[at][0], atol=1e-5, rtol=1e-4)


def test_a_batch_is_what_a_loop_gives_and_nothing_is_read_twice(model, folder):
    assert isinstance(model, DiffusionFeatures)
    assert model.features([], READING) == []
    images = [picture(40, 60, 1), picture(32, 32, 2), picture(40, 60, 1)]
    together = model.features(images, READING)
    calls = []
    model._parts.unet.register_forward_pre_hook(lambda *_: calls.append(1))
    for image, found in zip(images, together, strict=True):
        fresh = StableDiffusion.load(folder, torch.device("cpu"), torch.float32)
        for a, b in zip(found, fresh.features([image], READING)[0], strict=True):
            torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)
        model.features([image], READING)
    assert not calls
    other = model.features(images[:1], FeatureReading((0, 2), 0.5))
    assert not torch.allclose(other[0][0], together[0][0])


def test_a_block_that_is_not_there_is_named(model):
    with pytest.raises(InputError, match=r"no up-sampling block 3 \(it has 3, from 0\)"):
        model.features([picture(30, 30)], FeatureReading((3,)))
