"""Replies in memory, recordings that say how to ask, and who says how it wants to be asked."""

from __future__ import annotations

import json

import pytest
import torch

from openseg.models.adapters.vision_language import server as module
from openseg.models.adapters.vision_language.folder import FolderVisionLanguage
from openseg.models.adapters.vision_language.remembering import RememberingVisionLanguage
from openseg.models.adapters.vision_language.server import ServerVisionLanguage
from openseg.models.adapters.vision_language.server_config import ServerConfig
from openseg.models.protocols import Reply, VisionLanguage, VisualQuestion
from openseg.models.reply_errors import ServerFaultError
from tests.models.adapters.vision_language.checkpoints import save_llava
from tests.models.adapters.vision_language.odd_server import fails, odd_server, said

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the environment, and short waits."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    monkeypatch.setattr(module, "FIRST_WAIT", 0.01)


def remembering(url: str, most: int = 100) -> RememberingVisionLanguage:
    config = ServerConfig(base_url=url, model="m", retries=0, concurrency=1)
    return RememberingVisionLanguage(ServerVisionLanguage(config), most)


def test_nothing_is_asked_twice_and_faults_are():
    def answer(number, request):
        return fails(500) if number == 1 else said(f"reply {number}")

    one, two = VisualQuestion("one"), VisualQuestion("two")
    with odd_server(answer) as odd:
        language = remembering(odd.url)
        assert isinstance(language, VisionLanguage)
        first = language.ask([one, two, one], 8)
        second = language.ask([two, one], 8)
        assert len(odd.requests) == 3
        language.ask([one], 9)  # a longer reply is another one
        assert len(odd.requests) == 4
    assert [reply.text for reply in (first[0], first[2], *second)] == [
        "reply 0",
        "reply 0",
        "reply 2",
        "reply 0",
    ]
    assert isinstance(first[1], ServerFaultError)
    assert language.spending.report()["questions"] == 3


def test_the_oldest_replies_are_forgotten_first():
    with odd_server(lambda number, request: said(f"reply {number}")) as odd:
        language = remembering(odd.url, most=2)
        for text in ("a", "b", "a", "c", "a", "b"):
            language.ask([VisualQuestion(text)], 8)
    asked = [request["messages"][0]["content"][-1]["text"] for request in odd.requests]
    assert asked == ["a", "b", "c", "b"]


def test_a_checkpoint_says_how_it_wants_to_be_asked_and_a_recording_keeps_it(tmp_path):
    folder = save_llava(tmp_path / "vlm")
    assert FolderVisionLanguage.load(folder, CPU, torch.float32).wording == "instructions"
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "wording": "rooms"}))
    language = FolderVisionLanguage.load(folder, CPU, torch.float32)
    assert language.wording == "rooms"

    language.record(tmp_path / "kept" / "replies.jsonl")
    question = VisualQuestion("describe it", (torch.zeros(3, 9, 9, dtype=torch.uint8),))
    [told] = language.ask([question], 8)
    assert isinstance(told, Reply)
    replaying = FolderVisionLanguage.load(tmp_path / "kept", CPU, torch.float32)
    assert replaying.wording == "rooms"
    assert replaying.ask([question], 8) == [told]


def test_an_empty_recording_is_asked_in_instructions(tmp_path):
    (tmp_path / "replies.jsonl").touch()
    replaying = FolderVisionLanguage.load(tmp_path, CPU, torch.float32)
    assert replaying.wording == "instructions"
