"""The recipe of mini-vlm: its batches are true prompts, and what it learns comes out at the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CLIPVisionModel

import openseg
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.training import Plan
from openseg.mini.recipes.vlm.batch import IGNORED, answer_loss, pack
from openseg.mini.recipes.vlm.dialogue import Dialogue, Question
from openseg.mini.recipes.vlm.dialogues import Batches
from openseg.mini.recipes.vlm.model import build_model, build_processor, start_from_clip
from openseg.mini.recipes.vlm.tokenizer import build_tokenizer
from openseg.mini.recipes.vlm.train import train
from openseg.mini.rooms.sentences import words
from openseg.models.protocols import VisionLanguage, VisualQuestion

CLIP = Path(openseg.__file__).parent / "mini" / "weights" / "clip"


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizer()


@pytest.fixture
def model(tokenizer):
    torch.manual_seed(0)
    return build_model(tokenizer, depth=2)


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (128, 128, 3)).astype(np.uint8)


def dialogues() -> list[Dialogue]:
    asked = (
        Question("what is it?", "a red mug", "category"),
        Question("is it a red mug or a chair?", "a red mug", "choose category"),
        Question("is it blue?", "no", "is colour"),
    )
    return [Dialogue((picture(0),), asked), Dialogue((picture(1), picture(2)), asked[:2])]


def test_packed_questions_have_the_loss_of_separate_prompts(model, tokenizer):
    """Checked against transformers: processor, chat template and the class's own mean loss.

    An answer counts by the square root of its length: n tokens of weight n to the power of -0.5.
    """
    processor = build_processor(tokenizer)
    total, count = 0.0, 0
    for dialogue in dialogues():
        for question in dialogue.questions:
            shown = [{"type": "image"} for _ in dialogue.pictures]
            user = {"role": "user", "content": [*shown, {"type": "text", "text": question.text}]}
            told = {"role": "assistant", "content": [{"type": "text", "text": question.answer}]}
            inputs, prompt = (
                processor(
                    images=[list(dialogue.pictures)],
                    text=processor.apply_chat_template(said, tokenize=False, **more),
                    add_special_tokens=False,
                    return_tensors="pt",
                )
                for said, more in (([user, told], {}), ([user], {"add_generation_prompt": True}))
            )
            labels = inputs["input_ids"].clone()
            begin = prompt["input_ids"].shape[1]
            assert torch.equal(labels[:, :begin], prompt["input_ids"])
            labels[:, :begin] = IGNORED
            answer = labels.shape[1] - begin
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                total += float(model(**inputs, labels=labels).loss) * answer**0.5
            count += answer**0.5
    packed = pack(dialogues(), tokenizer, model.config.image_seq_length)
    with torch.no_grad():
        assert float(answer_loss(model, packed)) == pytest.approx(total / count, rel=2e-3)


def test_every_word_of_the_rooms_is_one_token_and_any_text_can_be_written(tokenizer):
    assert all(len(tokenizer.encode(word)) == 1 for word in words() if word.isalpha())
    for text in ("what colour is it?", "a zebra", "größe 漢字 ☃", "the cup's handle"):
        assert tokenizer.decode(tokenizer.encode(text)).strip() == text


def test_the_tower_sees_in_a_doubled_picture_what_clip_sees(model):
    start_from_clip(model, CLIP)
    clip = CLIPVisionModel.from_pretrained(CLIP, dtype=torch.float32).eval()
    pixels = torch.randn(2, 3, 64, 64)
    doubled = pixels.repeat_interleave(2, 2).repeat_interleave(2, 3)
    with torch.no_grad():
        ours = model.model.vision_tower.eval()(doubled).last_hidden_state
        torch.testing.assert_close(ours, clip(pixels).last_hidden_state, atol=1e-4, rtol=0)


def test_what_is_learnt_comes_out_of_the_shipped_folder(model, tokenizer, tmp_path):
    """A few steps on one batch, then through the store as any user would ask."""
    learnt = dialogues()[:1]
    packed = pack(learnt, tokenizer, model.config.image_seq_length)
    model.model.vision_tower.requires_grad_(False)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(150):
        loss = answer_loss(model, packed)
        if loss < 0.02:
            break
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    export(model, build_processor(tokenizer), tmp_path)
    assert (tmp_path / "model.safetensors").stat().st_size < 16 * 2**20
    shipped = loaded("vlm", tmp_path, "cpu")
    assert isinstance(shipped, VisionLanguage)
    for dialogue in learnt:
        images = tuple(torch.from_numpy(one).permute(2, 0, 1) for one in dialogue.pictures)
        asked = [VisualQuestion(one.text, images) for one in dialogue.questions]
        replies = shipped.ask(asked, 12)
        assert [one.text for one in replies] == [one.answer for one in dialogue.questions]
        assert all(one.complete for one in replies)
    [judged] = shipped.ask([VisualQuestion("is it blue?", images, choices=("yes", "no"))], 4)
    assert judged.text == "no"
    assert judged.probabilities[1] > 0.5


def test_a_step_sees_the_same_batch_again(train_stills, tokenizer):
    batches = Batches(train_stills, tokenizer, 65, seed=3)
    for one, other in zip(batches(7), batches(7), strict=True):
        assert torch.equal(one.input_ids, other.input_ids)
        assert torch.equal(one.pixel_values, other.pixel_values)
    assert not torch.equal(batches(7)[0].input_ids, batches(8)[0].input_ids)


def test_the_recipe_leaves_a_model_and_goes_on(room_shards, tmp_path, monkeypatch):
    monkeypatch.setattr("openseg.mini.recipes.vlm.train.VALIDATION_STILLS", 1)
    monkeypatch.setattr("openseg.mini.measures.language.LONGEST_REPLY", 1)
    scores = train(room_shards, tmp_path, Plan(steps=1))
    assert {"attributes", "yes-no", "target by description"} <= set(scores)
    assert all(0 <= value <= 1 for value in scores.values())
    train(room_shards, tmp_path, Plan(steps=2), resume=True)
    assert (tmp_path / "model" / "chat_template.jinja").is_file()
    assert (tmp_path / "loss.png").is_file()
