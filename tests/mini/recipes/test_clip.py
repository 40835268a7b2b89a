"""The recipe of mini-clip learns, and its shipped weights tell phrases apart."""

import numpy as np
import pytest
import torch
from transformers import CLIPModel, CLIPProcessor

import openseg
from openseg.mini.recipes.clip import ClipLoss, PhraseBank, build_model, build_processor
from openseg.mini.recipes.clip_crops import FILL, masked_crop, square_crop, training_crop
from openseg.mini.recipes.clip_eval import distractors, embed_texts, evaluate_clip
from openseg.mini.recipes.clip_tokenizer import build_tokenizer, learn_merges
from openseg.mini.world import SEEN_PAIRS, UNSEEN_PAIRS, words
from openseg.ops.crops import masked_crops

SHIPPED = next(iter(openseg.__path__)) + "/mini/weights/clip"


@pytest.fixture(scope="module")
def shipped():
    model, found = CLIPModel.from_pretrained(SHIPPED, output_loading_info=True)
    assert not found["missing_keys"]
    assert not found["unexpected_keys"]
    return model.eval(), CLIPProcessor.from_pretrained(SHIPPED)


def seen_objects(scenes):
    return [(s, o) for s in scenes for o in s.objects if o.pair in SEEN_PAIRS]


def test_a_few_steps_on_one_batch_lower_the_loss(held_out_scenes):
    torch.manual_seed(0)
    processor = build_processor()
    model = build_model(processor, depth=2)
    loss = ClipLoss(model, processor, scenes=None, seed=0)
    rng = np.random.default_rng(0)
    shown = seen_objects(held_out_scenes)
    crops = np.stack([training_crop(s, o, rng) for s, o in shown])
    true, texts = (
        loss.bank.truths([[o] for _, o in shown], [True] * len(shown)),
        loss.bank.draw(rng),
    )
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    totals = []
    for _ in range(15):
        total = sum(loss.compare(crops, true, texts).values())
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(total.item())
    assert totals[-1] < 0.8 * totals[0]


def test_the_bank_never_says_a_held_out_pair():
    bank = PhraseBank()
    said = {f" {t} " for seed in range(20) for t in bank.draw(np.random.default_rng(seed))}
    for colour, category in UNSEEN_PAIRS:
        assert not any(f" {colour} " in text and f" {category} " in text for text in said)


def test_every_phrase_marked_true_names_the_object(held_out_scenes):
    bank = PhraseBank()
    shown = seen_objects(held_out_scenes)
    texts = bank.draw(np.random.default_rng(1))
    for row, (_, item) in zip(
        bank.truths([[o] for _, o in shown], [True] * len(shown)), shown, strict=True
    ):
        true = [texts[i] for i in row.nonzero().flatten()]
        assert len(true) == 3
        assert all(item.colour in text or item.category in text for text in true)


def test_of_a_recoloured_crop_only_the_category_is_said(held_out_scenes):
    bank = PhraseBank()
    _, item = seen_objects(held_out_scenes)[0]
    row = bank.truths([[item]], [False])[0]
    [said] = row.nonzero().flatten()
    text = bank.draw(np.random.default_rng(1))[said]
    assert item.category in text
    assert item.colour not in text


def test_any_text_can_be_encoded_and_read_back():
    tokenizer = build_tokenizer()
    for text in ("the red mug by the window", "a zebra", "größe 漢字 ☃"):
        ids = tokenizer(text).input_ids
        assert ids[0] == tokenizer.bos_token_id
        assert ids[-1] == tokenizer.eos_token_id
        assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert all(len(tokenizer(word).input_ids) == 3 for word in words())
    long = tokenizer("red cup " * 600, truncation=True).input_ids
    assert len(long) == 77
    assert long[-1] == tokenizer.eos_token_id


def test_merges_start_with_the_most_frequent_pair():
    # Worked by hand: "lo" and "ow</w>" tie at 3; spelling decides; then "low</w>" is whole.
    assert learn_merges(["low", "low", "low", "lot"])[:2] == [("l", "o"), ("lo", "w</w>")]


def test_the_crop_is_a_padded_square_filled_with_the_mean():
    image = np.full((40, 60, 3), 200, np.uint8)
    mask = np.zeros((40, 60), bool)
    mask[10:20, 0:20] = True
    crop = square_crop(image, (0, 10, 20, 20), mask)
    assert crop.shape == (24, 24, 3)
    assert (crop == 200).all(axis=2).sum() == 200
    assert (crop[0, 0] == FILL).all()
    assert (crop[7:17, 2:22] == 200).all()


def test_the_crop_is_what_the_embedding_stage_cuts(held_out_scenes):
    for scene in held_out_scenes:
        for item in scene.objects:
            mask = torch.from_numpy(scene.mask(item))[None]
            pixels = torch.from_numpy(scene.image).permute(2, 0, 1)
            [stage] = masked_crops(pixels, mask, FILL)
            ours = masked_crop(scene, item)
            assert np.array_equal(stage.permute(1, 2, 0).numpy(), ours)


def test_the_fill_is_zero_after_normalisation():
    crop = np.empty((64, 64, 3), np.uint8)
    crop[:] = FILL
    pixels = build_processor().image_processor(images=crop, return_tensors="pt")["pixel_values"]
    assert pixels.abs().max() < 0.01


def test_distractors_are_distinct_wrong_and_hard():
    right = UNSEEN_PAIRS[0]
    drawn = distractors(right, np.random.default_rng(0))
    assert len(set(drawn)) == 19
    assert right not in drawn
    assert sum(p[0] == right[0] for p in drawn) >= 5
    assert sum(p[1] == right[1] for p in drawn) >= 5


def test_the_shipped_weights_name_held_out_objects(shipped, held_out_scenes):
    scores = evaluate_clip(*shipped, held_out_scenes)
    assert scores["objects"] >= 20
    assert scores["masked"] >= 0.8
    assert scores["box"] >= 0.6


def test_the_shipped_text_embedding_ignores_padding(shipped):
    model, processor = shipped
    alone = embed_texts(model, processor, ["red cup"])
    padded = embed_texts(model, processor, ["red cup", "a photo of the yellow potted plant"])
    torch.testing.assert_close(alone[0], padded[0], atol=1e-5, rtol=0)
