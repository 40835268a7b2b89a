"""The recipe of mini-clip learns, and its shipped weights tell phrases apart."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import openseg
from openseg.mini.measures.encoder import encoder_scores
from openseg.mini.recipes.claims import KINDS
from openseg.mini.recipes.clip.batch import make_batch
from openseg.mini.recipes.clip.dense import region_vectors
from openseg.mini.recipes.clip.model import build_model, build_processor
from openseg.mini.recipes.clip.tokenizer import build_tokenizer, learn_merges
from openseg.mini.recipes.clip.train import ClipLoss
from openseg.mini.recipes.crops import FILL
from openseg.mini.recipes.regions import NO, YES
from openseg.mini.recipes.warm_start import warm_start
from openseg.mini.rooms.held_out import UNSEEN_PAIRS
from openseg.mini.rooms.sentences.saying.vocabulary import words
from openseg.mini.rooms.vocabulary import COLOURS
from openseg.models.adapters.clip_patches import dense_tokens
from openseg.models.store import ModelStore

SHIPPED = Path(next(iter(openseg.__path__))) / "mini/weights/clip"


@pytest.fixture(scope="module")
def batch(stills):
    return make_batch(stills, np.random.default_rng(0))


def test_a_few_steps_on_one_batch_lower_the_loss(batch):
    torch.manual_seed(0)
    processor = build_processor()
    model = build_model(processor, depth=2)
    loss = ClipLoss(model, processor.tokenizer)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    totals = []
    for _ in range(15):
        total = sum(loss(batch).values())
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(total.item())
    assert totals[-1] < 0.8 * totals[0]


def test_crops_have_phrases_that_name_them_and_others_that_do_not(batch):
    assert batch.truth.shape == (len(batch.pixels), len(batch.texts))
    assert ((batch.truth == YES).sum(dim=1) > 0).float().mean() > 0.9
    assert (batch.truth == NO).float().mean() > 0.5
    assert {KINDS[k] for k in batch.kinds.tolist()} >= {"pair", "category", "part"}


def test_patches_of_whole_stills_learn_what_the_phrases_say_of_their_region(batch):
    pictures = batch.pictures
    assert batch.picture_truth.shape == (len(pictures.owner), len(batch.texts))
    assert ((batch.picture_truth == YES).sum(dim=1) > 0).float().mean() > 0.9
    assert float(pictures.cover.sum((1, 2)).min()) >= 1.0

    model = build_model(build_processor(), depth=2).eval()
    found = region_vectors(model, batch.picture_pixels, pictures)
    _, patches = dense_tokens(model, batch.picture_pixels[pictures.owner[-1]][None])
    cover = pictures.cover[-1].flatten()
    middle = len(pictures.owner)
    mean = (patches[0] * cover[:, None]).sum(0) / cover.sum()
    torch.testing.assert_close(found[middle - 1], mean, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found[-1], patches[0, cover.argmax()], rtol=1e-4, atol=1e-5)


def test_the_batch_never_says_a_held_out_pair(stills):
    said = [
        f" {text} "
        for seed in range(5)
        for text in make_batch(stills, np.random.default_rng(seed)).texts
        if " of " not in text and "'s " not in text
    ]
    for colour, category in UNSEEN_PAIRS:
        assert not any(f" {colour} {category} " in text for text in said)


def test_of_recoloured_crops_only_their_shape_is_known(stills, monkeypatch):
    monkeypatch.setattr("openseg.mini.recipes.clip.batch.TRUE_HUES", 0.0)
    found = make_batch(stills, np.random.default_rng(0))
    assert not any(set(text.split()) & set(COLOURS) for text in found.texts)
    assert (found.truth == YES).any(dim=1).float().mean() > 0.9


def test_training_can_go_on_with_the_shipped_weights():
    processor = build_processor()
    model = build_model(processor)
    fresh = warm_start(model, SHIPPED, processor.tokenizer.get_vocab())
    assert fresh == {}


def test_words_of_the_shipped_weights_keep_their_ids():
    shipped = json.loads((SHIPPED / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    ours = build_tokenizer().get_vocab()
    assert all(ours[token] == k for token, k in shipped.items())


def test_any_text_can_be_encoded_and_read_back():
    tokenizer = build_tokenizer()
    for text in ("the red mug by the window", "a zebra", "größe 漢字 ☃"):
        ids = tokenizer(text).input_ids
        assert ids[0] == tokenizer.bos_token_id
        assert ids[-1] == tokenizer.eos_token_id
        assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert all(len(tokenizer(word).input_ids) == 3 for word in words() if word.isalpha())
    long = tokenizer("red cup " * 600, truncation=True).input_ids
    assert len(long) == 77
    assert long[-1] == tokenizer.eos_token_id


def test_merges_start_with_the_most_frequent_pair():
    # Worked by hand: "lo" and "ow</w>" tie at 3; spelling decides; then "low</w>" is whole.
    assert learn_merges(["low", "low", "low", "lot"])[:2] == [("l", "o"), ("lo", "w</w>")]


def test_the_fill_is_zero_after_normalisation():
    crop = np.empty((64, 64, 3), np.uint8)
    crop[:] = FILL
    pixels = build_processor().image_processor(images=crop, return_tensors="pt")["pixel_values"]
    assert pixels.abs().max() < 0.01


def test_the_shipped_weights_name_held_out_objects(held_out_stills):
    score = encoder_scores(ModelStore().load("clip"), held_out_stills)["right of 20"]
    assert score.count >= 20
    assert score.value >= 0.8


def test_the_shipped_text_embedding_ignores_padding():
    encoder = ModelStore().load("clip")
    alone = encoder.encode_texts(["red cup"])
    padded = encoder.encode_texts(["red cup", "a photo of the yellow potted plant"])
    torch.testing.assert_close(alone[0], padded[0], atol=1e-5, rtol=0)
