"""Words fitted to an image: alone or in a batch, whatever the memory, and used when looked for."""

from __future__ import annotations

import pytest
import torch

from openseg.models.adapters.stable_diffusion import inversion
from openseg.models.adapters.stable_diffusion.reader import StableDiffusion
from openseg.models.protocols import AttentionReading
from openseg.models.tasks.diffusion import ConceptInversion, Fitting, OpenText
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.parity.stable_diffusion.checkpoints import save_pipeline

FITTING = Fitting(steps=2, draws=3, seed=1)
CUP = OpenText("the red cup", ((4, 7), (8, 11)))
PLANT = OpenText("a größe plant", ((2, 7),))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = save_pipeline(tmp_path_factory.mktemp("sd"))
    return StableDiffusion.load(folder, torch.device("cpu"), torch.float32)


def test_fulfils_the_protocol_and_takes_nothing(model):
    assert isinstance(model, ConceptInversion)
    assert model.invert([], [], FITTING) == []
    assert model.invert([picture(30, 40)], [[]], FITTING) == [[]]


def test_only_the_open_words_are_fitted(model):
    [[cup, plant, none]] = model.invert(
        [picture(40, 40)], [[CUP, PLANT, OpenText("a cup", ())]], FITTING
    )
    assert cup.tokens == (2, 3)
    assert len(plant.tokens) > 2  # one word in several tokens
    assert none.tokens == ()
    assert none.vectors.shape == (0, 32)
    [before] = model.embed([model._spell(CUP.text)])
    # AdamW's first steps are as long as the learning rate.
    moved = (cup.vectors - before[[2, 3]]).abs()
    assert 0.002 < moved.mean() < 0.011


def test_a_ragged_batch_is_what_a_loop_gives_whatever_fits_into_memory(model, monkeypatch):
    images = [picture(40, 60, 1), picture(32, 32, 2), picture(50, 30, 3)]
    texts = [[CUP, PLANT], [], [CUP]]
    together = model.invert(images, texts, FITTING)
    monkeypatch.setattr(inversion, "ROWS_PER_CALL", 2)
    for image, some, found in zip(images, texts, together, strict=True):
        for text, concept in zip(some, found, strict=True):
            [[alone]] = model.invert([image], [[text]], FITTING)
            assert alone.tokens == concept.tokens
            torch.testing.assert_close(alone.vectors, concept.vectors, atol=1e-4, rtol=1e-3)


def test_draws_come_from_the_seed_alone(model):
    image = picture(40, 40)
    first, again, other = (
        model.invert([image], [[CUP]], Fitting(2, 3, seed=seed))[0][0].vectors for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=1e-4)


def test_the_loss_falls(model):
    image = picture(40, 40)
    latents, words = model.latents([image]), [model._spell(CUP.text)]
    noise = torch.randn((64, *latents.shape[1:]), generator=torch.Generator().manual_seed(9))
    times = torch.randint(1000, (64,), generator=torch.Generator().manual_seed(9))

    def loss(concept):
        with torch.no_grad():
            states = model.states(words, model.embed(words, [concept])).expand(64, -1, -1)
            clean = latents.expand_as(noise)
            guess = model.denoise(clean, noise, times, states)
            return (guess - model.target(clean, noise, times)).square().mean()

    [[fitted]] = model.invert([image], [[CUP]], Fitting(40, 8, learning_rate=0.05))
    assert loss(fitted) < loss(None)


def test_fitted_words_are_looked_for_instead_of_their_own(model):
    image, reading = picture(40, 40), AttentionReading((0.3,))
    [[cup]] = model.invert([image], [[CUP]], Fitting(20, 4, learning_rate=0.05))
    [[plain, fitted, again]] = model.attend([image], [[CUP.text, cup, CUP.text]], reading)
    assert torch.equal(plain.maps, again.maps)
    assert fitted.spans == plain.spans
    assert not torch.allclose(fitted.over((8, 11)), plain.over((8, 11)), atol=1e-4)
    [[unchanged]] = model.invert([image], [[CUP]], Fitting(steps=0))
    [[same]] = model.attend([image], [[unchanged]], reading)
    torch.testing.assert_close(same.maps, plain.maps)


def test_half_precision_moves_the_same_way(tmp_path):
    folder = save_pipeline(tmp_path)
    full, half = (
        StableDiffusion.load(folder, torch.device("cpu"), dtype)
        for dtype in (torch.float32, torch.bfloat16)
    )
    moves = []
    for model in (full, half):
        [before] = model.embed([model._spell(CUP.text)])
        [[found]] = model.invert([picture(40, 40)], [[CUP]], Fitting(8, 8))
        assert found.vectors.dtype == torch.float32
        moves.append((found.vectors - before[[2, 3]]).flatten())
    assert torch.cosine_similarity(*moves, dim=0) > 0.8


def test_a_text_beyond_the_limit_is_refused(model):
    with pytest.raises(InputError, match="the model reads 22"):
        model.invert([picture(30, 30)], [[OpenText("cup " * 30, ((0, 3),))]], FITTING)
