"""The transformers back end: batches, shared prefixes and choices change nothing but the time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from openseg.models.adapters.vision_language import prompts
from openseg.models.adapters.vision_language.hf import TransformersVisionLanguage
from openseg.models.protocols import Reply, VisionLanguage, VisualQuestion
from openseg.models.reply_errors import EmptyReplyError
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.models.adapters.vision_language.checkpoints import save_llava, save_qwen, save_smolvlm

SAVERS = {"llava": save_llava, "smolvlm": save_smolvlm, "qwen": save_qwen}


@pytest.fixture(scope="module", params=SAVERS)
def adapter(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> TransformersVisionLanguage:
    folder: Path = SAVERS[request.param](tmp_path_factory.mktemp(request.param))
    return TransformersVisionLanguage.load(folder, torch.device("cpu"), torch.float32)


def questions() -> list[VisualQuestion]:
    """Several about one picture, and others with another, two and no pictures."""
    one, two = picture(40, 60, 1).pixels, picture(90, 50, 2).pixels
    return [
        VisualQuestion("what is it?", (one,)),
        VisualQuestion("which colour has the long one on the left?", (one,)),
        VisualQuestion("what is it?", (two,)),
        VisualQuestion("what is it?", (one, two)),
        VisualQuestion("name a colour", ()),
        VisualQuestion("is it red?", (one,), choices=("yes", "no", "perhaps not")),
        VisualQuestion("is it red?", (two,), choices=("yes", "no")),
        VisualQuestion("a cup?", (one,), choices=("yes", "no")),
    ]


def same(one: Reply, other: Reply) -> bool:
    if (one.text, one.complete, one.prompt_tokens) != (
        other.text,
        other.complete,
        other.prompt_tokens,
    ):
        return False
    return one.probabilities == pytest.approx(other.probabilities, abs=1e-4)


def test_a_batch_gives_what_a_loop_gives(adapter):
    assert isinstance(adapter, VisionLanguage)
    batch = adapter.ask(questions(), 12)
    loop = [adapter.ask([one], 12)[0] for one in questions()]
    assert all(same(a, b) for a, b in zip(batch, loop, strict=True))
    assert len({reply.text for reply in batch}) > 3


def test_a_picture_is_encoded_once_for_all_questions_about_it(adapter):
    if adapter._model.config.model_type not in prompts.SHARING:
        pytest.skip("this architecture reads every prompt from its beginning")
    seen = []
    model = adapter._model.model
    tower = model.vision_tower if hasattr(model, "vision_tower") else model.vision_model
    hook = tower.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(len((args or [kwargs["pixel_values"]])[0])),
        with_kwargs=True,
    )
    image = picture(30, 30, 1).pixels
    adapter.ask([VisualQuestion("what is it?", (image,))], 4)
    alone = sum(seen)
    seen.clear()
    adapter.ask([VisualQuestion(f"question {n}", (image,)) for n in range(5)], 4)
    hook.remove()
    assert sum(seen) == alone


def test_pictures_count(adapter):
    red = torch.zeros(3, 40, 40, dtype=torch.uint8)
    red[0] = 255
    texts = [
        adapter.ask([VisualQuestion("what is it?", (image,))], 12)[0].text
        for image in (red, red.flip(0))
    ]
    assert texts[0] != texts[1]


def test_the_likeliest_choice_wins(adapter):
    """Checked against the loss that transformers itself gives of each whole text."""
    image = picture(40, 60, 1).pixels
    question = VisualQuestion("is it red?", (image,), choices=("yes", "no", "perhaps not"))
    [reply] = adapter.ask([question], 4)
    processor, model = adapter._processor, adapter._model
    likelihoods = []
    for row in prompts.prompt_rows(processor, 0, question):
        whole = processor(
            images=[[prompts._picture(image)]],
            text=[row.prompt + row.ending],
            return_tensors="pt",
            add_special_tokens=False,
        )
        count = len(processor.tokenizer(row.ending, add_special_tokens=False).input_ids)
        labels = whole["input_ids"].clone()
        labels[:, :-count] = -100
        with torch.no_grad():
            likelihoods.append(-float(model(**whole, labels=labels).loss) * count)
    wanted = torch.tensor(likelihoods).softmax(0)
    assert reply.probabilities == pytest.approx(wanted.tolist(), abs=1e-4)
    assert reply.text == question.choices[int(wanted.argmax())]


def test_a_reply_is_cut_at_the_longest_length(adapter):
    [reply] = adapter.ask([VisualQuestion("what is it?", (picture(40, 60, 1).pixels,))], 3)
    assert reply.reply_tokens <= 3
    assert not reply.complete


def test_words_that_would_be_taken_for_a_picture_are_refused(adapter):
    question = VisualQuestion(f"what is {adapter._processor.image_token}?")
    with pytest.raises(InputError, match="stands for a picture"):
        adapter.ask([question], 8)


def test_nothing_to_ask_gives_no_reply(adapter):
    assert adapter.ask([], 12) == []


def test_a_reply_without_words_is_an_error_of_that_question(adapter, monkeypatch):
    """The same network, made to say that its turn is over before its first word."""
    ends = adapter._model.generation_config.eos_token_id

    def ended(**inputs):
        return torch.cat([inputs["input_ids"], torch.full((len(inputs["input_ids"]), 1), ends)], 1)

    monkeypatch.setattr(adapter._model, "generate", ended)
    [reply] = adapter.ask([VisualQuestion("what is it?", (picture(40, 60, 1).pixels,))], 3)
    assert isinstance(reply, EmptyReplyError)
