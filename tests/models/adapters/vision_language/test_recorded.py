"""Recorded replies: a run again without its model, and what is asked only once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from openseg.models.adapters.vision_language.folder import FolderVisionLanguage
from openseg.models.adapters.vision_language.hf import TransformersVisionLanguage
from openseg.models.adapters.vision_language.recorded import (
    RecordedVisionLanguage,
    RecordingVisionLanguage,
)
from openseg.models.adapters.vision_language.server import ServerVisionLanguage
from openseg.models.adapters.vision_language.server_config import ServerConfig
from openseg.models.protocols import Reply, VisionLanguage, VisualQuestion
from openseg.models.reply_errors import NotRecordedError, RefusalError
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.models.adapters.vision_language.checkpoints import save_llava
from tests.models.adapters.vision_language.odd_server import fails, odd_server, said

CPU = torch.device("cpu")


def questions() -> list[VisualQuestion]:
    image = picture(30, 40, 1).pixels
    return [
        VisualQuestion("what is it?", (image,)),
        VisualQuestion("is it red?", (image,), choices=("yes", "no")),
        VisualQuestion("größe?", (image, image)),
    ]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> TransformersVisionLanguage:
    folder = save_llava(tmp_path_factory.mktemp("llava"))
    return TransformersVisionLanguage.load(folder, CPU, torch.float32)


def test_a_recorded_run_replays_exactly(network, tmp_path):
    recording = RecordingVisionLanguage(network, tmp_path / "replies.jsonl")
    told = recording.ask(questions(), 8)
    replaying = FolderVisionLanguage.load(tmp_path, CPU, torch.float32)
    assert isinstance(recording, VisionLanguage)
    # Equal in every field, probabilities to the last bit, in any order.
    assert replaying.ask(questions(), 8) == told
    assert replaying.ask(questions()[::-1], 8) == told[::-1]
    assert replaying.spending.report()["questions"] == 3  # the second time they are remembered


def test_anything_else_in_a_question_is_another_question(network, tmp_path):
    file = tmp_path / "replies.jsonl"
    RecordingVisionLanguage(network, file).ask(questions(), 8)
    replaying = RecordedVisionLanguage(file)
    [first, choice, _] = questions()
    dimmer = first.images[0].clone()
    dimmer[0, 0, 0] ^= 1
    others = [
        VisualQuestion("what is this?", first.images),
        VisualQuestion(first.text, (dimmer,)),
        VisualQuestion(first.text, ()),
        VisualQuestion(choice.text, choice.images, choices=("no", "yes")),
        VisualQuestion(first.text, first.images, schema={"type": "object"}),
    ]
    for reply in [*replaying.ask(others, 8), *replaying.ask([first], 9)]:
        assert isinstance(reply, NotRecordedError)
        assert str(file) in str(reply)
        assert reply.fix


def test_what_is_recorded_is_not_paid_for_again(tmp_path, monkeypatch):
    file = tmp_path / "deep" / "replies.jsonl"
    with odd_server(lambda number, request: said(f"reply {number}")) as odd:
        config = ServerConfig(base_url=odd.url, model="m", key_variable="", concurrency=1)
        first = RecordingVisionLanguage(ServerVisionLanguage(config), file).ask(questions()[:1], 8)
        again = RecordingVisionLanguage(ServerVisionLanguage(config), file)
        # The same question twice in a batch is one request too.
        replies = again.ask([questions()[0], questions()[2], questions()[2]], 8)
    assert len(odd.requests) == 2
    assert replies[0] == first[0]
    assert replies[1] == replies[2] == Reply("reply 1", True, 100, 10)
    assert again.spending.report()["questions"] == 1


def test_a_refusal_is_replayed_and_asked_again_when_recording(tmp_path):
    file = tmp_path / "replies.jsonl"
    answers = [said(None, refusal="never"), said("a cup")]
    with odd_server(lambda number, request: answers[number]) as odd:
        config = ServerConfig(base_url=odd.url, model="m", key_variable="")
        recording = RecordingVisionLanguage(ServerVisionLanguage(config), file)
        [refused] = recording.ask(questions()[:1], 8)
        [replayed] = RecordedVisionLanguage(file).ask(questions()[:1], 8)
        assert isinstance(replayed, RefusalError)
        assert str(replayed) == str(refused)
        [reply] = recording.ask(questions()[:1], 8)
    assert reply.text == "a cup"
    assert RecordedVisionLanguage(file).ask(questions()[:1], 8) == [reply]


def test_a_fault_of_the_network_is_not_recorded(tmp_path):
    file = tmp_path / "replies.jsonl"
    with odd_server(lambda number, request: fails(500)) as odd:
        config = ServerConfig(base_url=odd.url, model="m", key_variable="", retries=0)
        RecordingVisionLanguage(ServerVisionLanguage(config), file).ask(questions()[:1], 8)
    [reply] = RecordedVisionLanguage(file).ask(questions()[:1], 8)
    assert isinstance(reply, NotRecordedError)


def test_a_recording_that_was_killed_goes_on(tmp_path):
    file = tmp_path / "replies.jsonl"
    with odd_server(lambda number, request: said(f"reply {number}")) as odd:
        config = ServerConfig(base_url=odd.url, model="m", key_variable="", concurrency=1)
        RecordingVisionLanguage(ServerVisionLanguage(config), file).ask(questions()[::2], 8)
        file.write_bytes(file.read_bytes()[:-20])
        again = RecordingVisionLanguage(ServerVisionLanguage(config), file)
        texts = [reply.text for reply in again.ask(questions()[::2], 8)]
    assert texts == ["reply 0", "reply 2"]
    replayed = RecordedVisionLanguage(file).ask(questions()[::2], 8)
    assert [reply.text for reply in replayed] == texts


def test_a_key_never_reaches_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    file = tmp_path / "replies.jsonl"
    with odd_server(lambda number, request: said("a cup")) as odd:
        config = ServerConfig(base_url=odd.url, model="m")
        RecordingVisionLanguage(ServerVisionLanguage(config), file).ask(questions(), 8)
    assert file.read_text()
    assert not any("sk-very-secret" in path.read_text() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    "line", ["{", "7", "{}", '{"address": "a", "reply": {"words": 1}}', '{"address": "a"}']
)
def test_a_broken_line_is_named(tmp_path, line):
    file: Path = tmp_path / "replies.jsonl"
    good = {"address": "a", "reply": {"text": "yes", "probabilities": []}}
    file.write_text(json.dumps(good) + "\n" + line + "\n")
    with pytest.raises(InputError, match=r"replies\.jsonl:2: this line is not a recorded reply"):
        RecordedVisionLanguage(file)


def test_a_run_on_a_folder_can_be_recorded(network, tmp_path):
    recording = RecordingVisionLanguage(FolderVisionLanguage(network), tmp_path / "replies.jsonl")
    told = recording.ask(questions(), 8)
    assert RecordedVisionLanguage(tmp_path / "replies.jsonl").ask(questions(), 8) == told


def test_a_folder_that_names_a_server_is_asked_there(tmp_path):
    with odd_server(lambda number, request: said("from afar")) as odd:
        fields = {"base_url": odd.url, "model": "m", "key_variable": ""}
        (tmp_path / "server.json").write_text(json.dumps(fields))
        adapter = FolderVisionLanguage.load(tmp_path, CPU, torch.float32)
        [reply] = adapter.ask(questions()[:1], 8)
    assert reply.text == "from afar"
