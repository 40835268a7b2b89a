"""Stable Diffusion's attention is read per token, in any batch alike, and can be learnt through."""

from __future__ import annotations

import pytest
import torch

from openseg.models.adapters.stable_diffusion.reader import StableDiffusion
from openseg.models.adapters.stable_diffusion.spans import spell
from openseg.models.protocols import AttentionReading, CrossAttention
from openseg.types.errors import InputError, MissingWeightsError
from tests.models.adapters.pictures import picture
from tests.parity.stable_diffusion.checkpoints import LATENT_SIDE, save_pipeline

READING = AttentionReading(noise_levels=(0.2,))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_pipeline(tmp_path_factory.mktemp("sd"))


@pytest.fixture
def model(folder):
    return StableDiffusion.load(folder, torch.device("cpu"), torch.float32)


def test_fulfils_the_protocol_and_takes_nothing(model):
    assert isinstance(model, CrossAttention)
    assert model.attend([], [], READING) == []
    assert model.attend([picture(30, 40)], [[]], READING) == [[]]


def test_tokens_share_out_every_cell(model):
    [[found]] = model.attend([picture(30, 90)], [["the red cup"]], READING)
    assert found.maps.shape == (24, LATENT_SIDE, LATENT_SIDE)
    assert found.maps.dtype == torch.float32
    torch.testing.assert_close(found.maps.sum(0), torch.ones(LATENT_SIDE, LATENT_SIDE))


def test_words_are_found_by_their_characters(model):
    # "größe" is spelled in several tokens, "Cup" in one; other words look alike.
    text = "a cup, a größe Cup"
    [[found]] = model.attend([picture(30, 30)], [[text]], READING)
    tokens = [text[a:b] for a, b in found.spans]
    assert tokens[:6] == ["", "a", "cup", ",", "a", "g"]
    several = [i for i, (a, b) in enumerate(found.spans) if a >= 9 and b <= 14 and b > a]
    assert len(several) > 2
    torch.testing.assert_close(found.over((9, 14)), found.maps[several].mean(0))
    last = tokens.index("Cup")
    torch.testing.assert_close(found.over((15, 18)), found.maps[last])
    assert not torch.equal(found.over((15, 18)), found.over((2, 5)))
    with pytest.raises(InputError, match="hold no word"):
        found.over((18, 30))


def test_a_ragged_batch_is_what_a_loop_gives(model, folder):
    images = [picture(40, 60, 1), picture(32, 32, 2), picture(100, 30, 3)]
    texts = [["red cup", "blue chair", ""], [], ["red cup", "a hat"]]
    together = model.attend(images, texts, READING)
    assert [len(some) for some in together] == [3, 0, 2]
    for image, some, found in zip(images, texts, together, strict=True):
        for text, one in zip(some, found, strict=True):
            fresh = StableDiffusion.load(folder, torch.device("cpu"), torch.float32)
            [[alone]] = fresh.attend([image], [[text]], READING)
            torch.testing.assert_close(one.maps, alone.maps, atol=1e-5, rtol=1e-4)
            assert one.spans == alone.spans


def test_an_image_is_encoded_once_for_all_its_texts(model):
    calls = []
    model._parts.autoencoder.encoder.register_forward_pre_hook(
        lambda _, args: calls.append(len(args[0]))
    )
    image = picture(40, 40)
    model.attend([image, image], [["a cup", "a hat"], ["a chair"]], READING)
    model.attend([image], [["a lamp"]], READING)
    assert sum(calls) == 1


def test_noise_comes_from_the_seed_alone(model):
    image, ask = picture(40, 40), [["a cup"]]
    first, again, other = (
        model.attend([image], ask, AttentionReading((0.5,), seed=seed))[0][0].maps
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=1e-4)


def test_chosen_layers_are_read(model):
    image = picture(40, 40)
    fine, coarse, both = (
        model.attend([image], [["a cup"]], AttentionReading((0.2,), strides=strides))[0][0].maps
        for strides in ((1,), (2,), (1, 2))
    )
    # Six layers at stride 1 (both attentions of three blocks), three at stride 2.
    torch.testing.assert_close(both, (6 * fine + 3 * coarse) / 9, atol=1e-6, rtol=1e-4)
    with pytest.raises(InputError, match=r"no cross-attention at stride 8.*1, 2, 4"):
        model.attend([image], [["a cup"]], AttentionReading(strides=(8,)))


def test_a_text_beyond_the_limit_is_refused(model):
    with pytest.raises(InputError, match=r"text of 30 tokens, the model reads 22"):
        model.attend([picture(30, 30)], [["cup " * 30]], READING)
    with pytest.raises(InputError, match=r"noise level 1\.5"):
        model.attend([picture(30, 30)], [["cup"]], AttentionReading((1.5,)))


def test_gradients_reach_the_states_of_a_word(model):
    image = picture(40, 40)
    model.attend([image], [["a cup"]], READING)  # what it remembers must not stand in the way
    latents = model.latents([image])
    states = model.states([spell(model._parts.tokenizer, "a cup")]).clone().requires_grad_()
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(0))
    (model.denoise(latents, noise, 300, states) - noise).square().mean().backward()
    assert states.grad[0, 2].abs().max() > 0
    states.grad = None
    model.look(latents, states, READING)[0, 2].max().backward()
    assert states.grad[0, 2].abs().max() > 0
    assert all(p.grad is None for p in model._parts.unet.parameters())


def test_half_precision_comes_out_as_float32(model, folder):
    half = StableDiffusion.load(folder, torch.device("cpu"), torch.bfloat16)
    image = picture(40, 40)
    [[a]] = model.attend([image], [["a cup"]], READING)
    [[b]] = half.attend([image], [["a cup"]], READING)
    assert b.maps.dtype == torch.float32
    assert torch.corrcoef(torch.stack([a.maps.flatten(), b.maps.flatten()]))[0, 1] > 0.97


def test_a_folder_without_a_part_is_named(folder, tmp_path):
    (tmp_path / "unet").mkdir()
    with pytest.raises(MissingWeightsError, match="no folder 'tokenizer'"):
        StableDiffusion.load(tmp_path, torch.device("cpu"), torch.float32)
