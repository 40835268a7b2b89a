"""Every part of mini-sd learns, attention is drawn to what words mean, and a run can be resumed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from openseg.mini.recipes.stable_diffusion import autoencoder, train
from openseg.mini.recipes.stable_diffusion.captions import CaptionedView, Mention
from openseg.mini.recipes.stable_diffusion.diffusion import Batches, Denoiser, DiffusionLoss
from openseg.mini.recipes.stable_diffusion.evaluate import on_mask, pointing_scores
from openseg.mini.recipes.stable_diffusion.grounding import grounded_words, grounding_loss
from openseg.mini.recipes.stable_diffusion.networks import (
    build_autoencoder,
    build_text_encoder,
    build_unet,
)
from openseg.mini.recipes.stable_diffusion.room_captions import RoomCaptions
from openseg.mini.recipes.stable_diffusion.views import training_view
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan
from openseg.models.adapters.stable_diffusion.reader import StableDiffusion
from openseg.models.adapters.stable_diffusion.spans import spell
from openseg.models.protocols import TokenAttention
from openseg.types.errors import UserError

TINY_UNET = (16, 16, 32)
TINY_AUTOENCODER = (8, 8, 16)


@pytest.fixture(scope="module")
def texts():
    return build_text_encoder()


@pytest.fixture
def stills(shards):
    return Stills(shards, "train")


def fit(model, loss, steps, rate):
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate)
    totals = []
    for _ in range(steps):
        parts = loss()
        optimiser.zero_grad()
        sum(parts.values()).backward()
        optimiser.step()
        totals.append({name: float(value) for name, value in parts.items()})
    return totals


def test_the_autoencoder_learns_a_batch_and_its_latents_get_unit_scale(stills):
    torch.manual_seed(0)
    model = build_autoencoder(TINY_AUTOENCODER)
    pixels = autoencoder.crops(stills, 0, 0, count=4)
    assert pixels.shape == (4, 3, 64, 64)
    loss = autoencoder.AutoencoderLoss(model, stills, 0)
    noise = torch.Generator().manual_seed(0)
    totals = fit(model, lambda: loss.compare(pixels, noise, 1.0), 20, 3e-3)
    assert totals[-1]["loss_pixels"] < 0.8 * totals[0]["loss_pixels"]
    assert totals[-1]["loss_start"] < 0.8 * totals[0]["loss_start"]
    autoencoder.set_scale(model, pixels)
    with torch.no_grad():
        latents = model.encode(pixels).latent_dist.mean * model.config.scaling_factor
    assert latents.std() == pytest.approx(1.0, abs=1e-3)


def test_a_few_steps_on_one_batch_lower_every_loss(stills, texts):
    torch.manual_seed(0)
    encoder, tokenizer = texts
    model = Denoiser(build_unet(encoder.config.hidden_size, TINY_UNET), encoder)
    latent = build_autoencoder(TINY_AUTOENCODER).eval().requires_grad_(False)
    loss = DiffusionLoss(model, latent, tokenizer, seed=0)
    views = Batches(RoomCaptions(stills), 0)(0)[:3]
    totals = fit(model, lambda: loss(views, 0), 12, 2e-3)
    assert totals[-1].keys() == {"loss_denoise", "loss_share", "loss_inside"}
    for name, value in totals[-1].items():
        assert value < 0.95 * totals[0][name], name


def test_without_grounding_only_drawing_is_learnt(stills, texts):
    encoder, tokenizer = texts
    model = Denoiser(build_unet(encoder.config.hidden_size, TINY_UNET), encoder)
    latent = build_autoencoder(TINY_AUTOENCODER).eval().requires_grad_(False)
    loss = DiffusionLoss(model, latent, tokenizer, seed=0, grounding=0.0)
    assert loss(Batches(RoomCaptions(stills), 0)(0)[:2], 0).keys() == {"loss_denoise"}


def test_attention_on_the_object_costs_least(texts):
    _, tokenizer = texts
    mask = np.zeros((64, 64), bool)
    mask[:32, :32] = True
    view = CaptionedView(
        np.zeros((64, 64, 3), np.uint8), "a red cup", (Mention(((6, 9), (2, 5)), mask),)
    )
    view = training_view(view, 64, np.random.default_rng(5))
    words = grounded_words([view], [spell(tokenizer, "a red cup")])
    red, cup = 2, 3
    assert words.phrase_tokens.nonzero().tolist() == [[0, red], [0, cup]]
    assert words.word_tokens.nonzero().tolist() == [[0, cup], [1, red]]

    def cost(inside, outside, visible=1.0):
        maps = torch.zeros(1, words.phrase_tokens.shape[1], 16, 16)
        cover = torch.nn.functional.adaptive_avg_pool2d(view.coverage, 16)
        share = inside * cover + outside * (1.0 - cover)
        maps[:, red], maps[:, cup], maps[:, 0] = share / 2, share / 2, 1.0 - share
        parts = grounding_loss({1: maps}, words, torch.tensor([visible]))
        return float(parts["share"]), float(parts["inside"])

    right, even, wrong = cost(0.98, 0.02), cost(0.3, 0.3), cost(0.02, 0.98)
    assert right[0] < even[0] < wrong[0]
    assert right[1] < even[1] < wrong[1]
    assert cost(0.02, 0.98, visible=0.0) == (0.0, 0.0)


def test_words_without_pixels_ask_for_nothing(texts):
    _, tokenizer = texts
    black = np.zeros((64, 64, 3), np.uint8)
    hidden = CaptionedView(black, "a cup", (Mention(((2, 5),), np.zeros((64, 64), bool)),))
    view = training_view(hidden, 64, np.random.default_rng(0))
    words = grounded_words([view], [spell(tokenizer, "a cup")])
    parts = grounding_loss({1: torch.rand(1, 77, 16, 16)}, words, torch.ones(1))
    assert {name: float(value) for name, value in parts.items()} == {"share": 0.0, "inside": 0.0}


class Oracle:
    """Attention as it would be if every word were looked for on (or off) things of that name."""

    def __init__(self, stills, wrong=False):
        self._stills = iter(stills)
        self._wrong = wrong

    def attend(self, images, texts, reading):
        still = next(self._stills)
        assert np.array_equal(images[0].pixels.permute(1, 2, 0).numpy(), still.image)
        found = []
        for text in texts[0]:
            spans, maps, at = [], [], 0
            for phrase in text.split(", "):
                colour, _, noun = phrase.partition(" ")
                ids = [
                    seen.thing.id
                    for seen in still.things
                    if (seen.thing.colour, seen.thing.category) == (colour, noun)
                ]
                heat = torch.from_numpy(np.isin(still.ids, ids) != self._wrong).float()
                spans += [(at, at + len(colour)), (at + len(colour) + 1, at + len(phrase))]
                maps += [heat, heat]
                at += len(phrase) + 2
            found.append(TokenAttention(torch.stack(maps), tuple(spans)))
        return [found]


def test_the_pointing_game_is_won_by_maps_of_the_things(shards):
    stills = Stills(shards, "test_unseen")
    right = pointing_scores(Oracle(stills), stills)
    wrong = pointing_scores(Oracle(stills, wrong=True), stills)
    for name in ("pointing", "colour words", "listed", "pointing, held-out pairs"):
        assert right[name].value == 1.0
        assert wrong[name].value == 0.0
    assert 0 < right["pointing, held-out pairs"].count < right["pointing"].count
    assert 0.0 < right["chance"].value < 0.5


def test_a_peak_is_looked_up_at_the_masks_size():
    heat = torch.zeros(4, 4)
    heat[1, 2] = 1.0
    mask = np.zeros((40, 80), bool)
    mask[10:20, 40:60] = True
    assert on_mask(heat, mask)
    assert not on_mask(heat.T, mask)


@pytest.mark.slow
def test_a_run_leaves_a_pipeline_that_draws_and_can_be_read(shards, tmp_path, monkeypatch):
    monkeypatch.setattr(train, "build_autoencoder", lambda: build_autoencoder(TINY_AUTOENCODER))
    monkeypatch.setattr(train, "build_unet", lambda width: build_unet(width, TINY_UNET))
    train.train(shards, tmp_path / "run", Plan(5, learning_rate=1e-3))
    train.train(shards, tmp_path / "run", Plan(6, learning_rate=1e-3), resume=True)
    folder = tmp_path / "run" / "model"
    lines = (tmp_path / "run" / "log.jsonl").read_text("utf-8").splitlines()
    assert '"step": 5' in lines[0]
    assert '"step": 6' in lines[-1]
    assert '"pointing"' in lines[-1]
    scores = train.train(shards, tmp_path / "more", Plan(1), start=folder)
    assert 0.0 <= scores["pointing"] <= 1.0
    assert not (tmp_path / "more" / "autoencoder").exists()
    with pytest.raises(UserError, match="no AutoencoderKL here"):
        train.train(shards, tmp_path / "more", Plan(1), start=tmp_path)
    pipeline = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    [picture] = pipeline("a red cup", num_inference_steps=1).images
    assert picture.size == (128, 128)
    model = StableDiffusion.load(folder, torch.device("cpu"), torch.float32)
    assert model._parts.unet.config.only_cross_attention == [True, False, False]
