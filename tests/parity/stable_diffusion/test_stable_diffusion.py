"""Cross-attention read by the adapter against queries and keys hooked out of an untouched UNet.

The reference runs diffusers' own fused attention; from what its layers' projections give, the
softmax is worked out here.
"""

from __future__ import annotations

import pytest
import torch
from diffusers import DDPMScheduler, StableDiffusionPipeline
from diffusers.models.attention_processor import Attention
from PIL import Image as Pil
from torch.nn.functional import interpolate

from openseg.models.adapters.stable_diffusion.capture import recorded
from openseg.models.adapters.stable_diffusion.reader import StableDiffusion
from openseg.models.protocols import AttentionReading
from tests.models.adapters.pictures import picture
from tests.parity.stable_diffusion.checkpoints import IMAGE_SIDE, LATENT_SIDE, save_pipeline

TEXT = "a photo of the potted plant"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_pipeline(tmp_path_factory.mktemp("sd"))


@pytest.fixture(scope="module")
def pipeline(folder):
    return StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)


def hooked_attention(unet, *inputs):
    """Output of a UNet and, by layer, its attention over words worked out from the projections."""
    seen: dict[str, dict[str, torch.Tensor]] = {}
    layers = {n: m for n, m in unet.named_modules() if isinstance(m, Attention)}

    def watch(name, part):
        return getattr(layers[name], part).register_forward_hook(
            lambda _, __, out: seen.setdefault(name, {}).update({part: out})
        )

    handles = [watch(name, part) for name in layers for part in ("to_q", "to_k")]
    with torch.no_grad():
        out = unet(*inputs).sample
    for handle in handles:
        handle.remove()
    maps = {}
    words = inputs[2].shape[1]
    for name, parts in seen.items():
        query, key = parts["to_q"].double(), parts["to_k"].double()
        if key.shape[1] != words:
            continue  # looks at the picture, not at the text
        heads = layers[name].heads
        width = query.shape[2] // heads
        probabilities = [
            torch.softmax(
                query[..., h * width : (h + 1) * width]
                @ key[..., h * width : (h + 1) * width].transpose(1, 2)
                / width**0.5,
                dim=-1,
            )
            for h in range(heads)
        ]
        maps[name] = sum(probabilities) / heads
    return out, maps


def test_recorded_maps_are_the_layers_own_and_the_output_stays(pipeline):
    torch.manual_seed(0)
    inputs = (torch.randn(2, 4, 16, 16), torch.tensor([40, 700]), torch.randn(2, 24, 32))
    before = dict(pipeline.unet.attn_processors)
    plain, wanted = hooked_attention(pipeline.unet, *inputs)
    with torch.no_grad(), recorded(pipeline.unet) as maps:
        found = pipeline.unet(*inputs).sample
    torch.testing.assert_close(found, plain, atol=1e-5, rtol=1e-4)
    assert len(maps) == len(wanted) == 10
    for name, reference in wanted.items():
        ours = maps[f"{name}.processor"].double()
        torch.testing.assert_close(ours, reference, atol=1e-5, rtol=1e-4)
        assert reference.std() > 1e-3, "an even map would prove nothing"
        torch.testing.assert_close(ours.sum(-1), torch.ones(ours.shape[:2]).double())
    assert pipeline.unet.attn_processors == before


def test_the_adapter_reads_what_the_pipelines_parts_give(folder, pipeline):
    image = picture(40, 40)
    reading = AttentionReading(noise_levels=(0.1, 0.6), draws=2, seed=5)
    model = StableDiffusion.load(folder, torch.device("cpu"), torch.float32)
    [[found]] = model.attend([image], [[TEXT]], reading)

    pil = Pil.fromarray(image.pixels.permute(1, 2, 0).numpy()).resize(
        (IMAGE_SIDE, IMAGE_SIDE), Pil.Resampling.BILINEAR
    )
    pixels = pipeline.image_processor.preprocess(pil)
    tokens = pipeline.tokenizer(TEXT, padding="max_length", return_tensors="pt")
    with torch.no_grad():
        states = pipeline.encode_prompt(TEXT, "cpu", 1, do_classifier_free_guidance=False)[0]
        latents = pipeline.vae.encode(pixels).latent_dist.mode()
    latents = latents * pipeline.vae.config.scaling_factor
    scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
    total, count = torch.zeros(24, LATENT_SIDE, LATENT_SIDE).double(), 0
    for seed in (5, 6):
        noise = torch.randn(4, 16, 16, generator=torch.Generator().manual_seed(seed))[None]
        for time in (99, 599):
            step = torch.tensor([time])
            noisy = scheduler.add_noise(latents, noise, step)
            _, maps = hooked_attention(pipeline.unet, noisy, step, states)
            for one in maps.values():
                side = int(one.shape[1] ** 0.5)
                square = one[0].T.reshape(1, 24, side, side)
                total += interpolate(square, (LATENT_SIDE, LATENT_SIDE), mode="bilinear")[0]
                count += 1
    # Pillow rounds its resized pixels to whole numbers, ours stay between.
    torch.testing.assert_close(found.maps.double(), total / count, atol=2e-3, rtol=0)
    assert (total / count).std() > 0.01
    assert tokens["input_ids"].shape[1] == len(found.spans)
