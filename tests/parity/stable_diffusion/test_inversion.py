"""Textual inversion against a plain training loop over the embedding table, as diffusers shows it.

The reference looks words up in the table, lets autograd and AdamW work on the whole of it, and puts
back the rows that were not to change.
"""

from __future__ import annotations

import pytest
import torch
from diffusers import DDPMScheduler, StableDiffusionPipeline
from PIL import Image as Pil
from torch.nn.functional import mse_loss

from openseg.models.adapters.stable_diffusion.reader import StableDiffusion
from openseg.models.tasks.diffusion import Fitting, OpenText
from tests.models.adapters.pictures import picture
from tests.parity.stable_diffusion.checkpoints import IMAGE_SIDE, save_pipeline

TEXT = "the red cup of plant"
WORDS = {"red": (4, 7), "cup": (8, 11)}
FITTING = Fitting(steps=3, draws=4, learning_rate=0.005, seed=5)


def by_hand(folder, image):
    """The table's rows of the words after the same steps."""
    pipe = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    noise_of = DDPMScheduler.from_pretrained(folder / "scheduler", local_files_only=True)
    pixels = Pil.fromarray(image.pixels.permute(1, 2, 0).numpy())
    values = pipe.image_processor.preprocess(pixels, IMAGE_SIDE, IMAGE_SIDE)
    with torch.no_grad():
        latents = pipe.vae.encode(values).latent_dist.mode() * pipe.vae.config.scaling_factor
    table = pipe.text_encoder.get_input_embeddings().weight
    kept = table.detach().clone()
    vocabulary = pipe.tokenizer.get_vocab()
    changing = [vocabulary[f"{word}</w>"] for word in WORDS]
    optimizer = torch.optim.AdamW([table], lr=FITTING.learning_rate)
    ids = pipe.tokenizer(TEXT, padding="max_length", max_length=24, return_tensors="pt").input_ids
    random = torch.Generator().manual_seed(FITTING.seed)
    for _ in range(FITTING.steps):
        noise = torch.randn((FITTING.draws, *latents.shape[1:]), generator=random)
        times = torch.randint(1000, (FITTING.draws,), generator=random)
        clean = latents.expand_as(noise)
        noisy = noise_of.add_noise(clean, noise, times)
        states = pipe.text_encoder(ids)[0].expand(FITTING.draws, -1, -1)
        guess = pipe.unet(noisy, times, states).sample
        velocity = noise_of.config.prediction_type == "v_prediction"
        goal = noise_of.get_velocity(clean, noise, times) if velocity else noise
        optimizer.zero_grad()
        mse_loss(guess, goal).backward()
        optimizer.step()
        with torch.no_grad():
            rows = table[changing].clone()
            table.copy_(kept)
            table[changing] = rows
    return table[changing].detach(), kept[changing]


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_fitted_words_are_those_of_a_plain_loop(tmp_path, prediction):
    folder = save_pipeline(tmp_path, prediction)
    # A square of the model's own size: how pictures are resized is not the question here.
    image = picture(IMAGE_SIDE, IMAGE_SIDE)
    wanted, before = by_hand(folder, image)
    model = StableDiffusion.load(folder, torch.device("cpu"), torch.float32)
    asked = OpenText(TEXT, tuple(WORDS.values()))
    [[concept]] = model.invert([image], [[asked]], FITTING)
    assert (wanted - before).abs().max() > 0.01
    # Adam divides by the gradient's size: where that is near 0, rounding decides.
    torch.testing.assert_close(concept.vectors, wanted, atol=1e-4, rtol=1e-3)
