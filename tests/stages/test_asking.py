"""Asking over a real wire: what is asked again, what is missing, and what fails the sample."""

from __future__ import annotations

import pytest
import torch

from openseg.models.adapters.vision_language import server as module
from openseg.models.adapters.vision_language.remembering import RememberingVisionLanguage
from openseg.models.adapters.vision_language.server import ServerVisionLanguage
from openseg.models.adapters.vision_language.server_config import ServerConfig
from openseg.models.reply_errors import (
    RateLimitError,
    ServerDownError,
    ServerFaultError,
    TimedOutError,
)
from openseg.stages.asking import Inquiry, Questioner
from openseg.stages.prompt_files import pinned
from tests.models.adapters.vision_language.odd_server import fails, odd_server, raw, said

PICTURE = torch.zeros(3, 8, 8, dtype=torch.uint8)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the environment, and short waits."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    monkeypatch.setattr(module, "FIRST_WAIT", 0.01)


def questioner(url: str, prompt: str = "attributes", **settings) -> Questioner:
    config = ServerConfig(base_url=url, model="m", **{"retries": 1, "concurrency": 1, **settings})
    language = RememberingVisionLanguage(ServerVisionLanguage(config))
    return Questioner(language, pinned(prompt), 32)


def inquiry(phrase: str, picture: torch.Tensor = PICTURE) -> Inquiry:
    return Inquiry({"phrase": phrase}, (picture,))


def text_of(request) -> str:
    return request["messages"][0]["content"][-1]["text"]


def test_a_good_answer_keeps_question_reply_and_prompt():
    with odd_server(lambda number, request: said("A photo of a red cup.")) as odd:
        [answer] = questioner(odd.url).ask([inquiry("the cup")])
    assert answer.text == "a photo of a red cup"
    assert answer.reply == "A photo of a red cup."
    assert answer.question == text_of(odd.requests[0])
    assert '"the cup"' in answer.question
    assert answer.missing == ""
    assert answer.prompt == pinned("attributes")


BAD = {
    "not the shape": said("What a lovely picture!"),
    "empty": said(""),
    "no content": said(None),
    "refusal": said(None, refusal="I cannot help with that"),
    "filtered": said("", reason="content_filter"),
    "cut": said("A photo of a very", reason="length"),
    "garbage": raw(b"<html>hello</html>", "text/html"),
    "garbage that says it is JSON": raw(b"{{{", "application/json"),
    "another object": raw(b'{"hello": 1}', "application/json"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=list(BAD))
def test_a_bad_answer_is_asked_for_once_more_in_other_words(bad):
    def answer(number, request):
        return bad if number == 0 else said("A photo of a red cup.")

    with odd_server(answer) as odd:
        [found] = questioner(odd.url).ask([inquiry("the cup")])
    assert found.text == "a photo of a red cup"
    first, second = map(text_of, odd.requests)
    assert first != second == found.question


@pytest.mark.parametrize("bad", BAD.values(), ids=list(BAD))
def test_two_bad_answers_are_missing_with_the_reason_and_nothing_is_made_up(bad):
    with odd_server(lambda number, request: bad) as odd:
        [found, other] = questioner(odd.url).ask([inquiry("the cup"), inquiry("a hat")])
    assert len(odd.requests) == 4
    for one in (found, other):
        assert one.text == ""
        assert one.missing
        assert one.question


@pytest.mark.parametrize(
    ("answer", "settings", "error"),
    [
        (fails(429, "slow down"), {}, RateLimitError),
        (fails(503, "busy"), {}, ServerFaultError),
        (said("A photo of a cup"), {"timeout_seconds": 0.05, "hold": 0.4}, TimedOutError),
    ],
    ids=["429", "503", "slow"],
)
def test_what_only_the_network_did_is_nobodys_answer(answer, settings, error):
    """Stored as missing, it would be missing for ever."""
    hold = settings.pop("hold", 0.0)
    with odd_server(lambda number, request: answer, hold=hold) as odd, pytest.raises(error):
        questioner(odd.url, **settings).ask([inquiry("the cup")])
    assert len(odd.requests) == 2  # the adapter's own retry, no second question


def test_a_429_that_passes_costs_only_time():
    def answer(number, request):
        return fails(429) if number == 0 else said("A photo of a red cup.")

    with odd_server(answer) as odd:
        [found] = questioner(odd.url).ask([inquiry("the cup")])
    assert found.text == "a photo of a red cup"


def test_a_server_that_is_down_ends_the_asking():
    with odd_server(lambda number, request: said("x")) as odd:
        url = odd.url
    with pytest.raises(ServerDownError, match="no server answers"):
        questioner(url, retries=0).ask([inquiry("the cup")])


def test_the_same_question_about_the_same_picture_is_asked_once():
    other = PICTURE + 9
    with odd_server(lambda number, request: said("A photo of a red cup.")) as odd:
        asker = questioner(odd.url)
        same = [inquiry("the cup"), inquiry("the cup"), inquiry("the cup", PICTURE.clone())]
        found = asker.ask([*same, inquiry("the cup", other), inquiry("a hat")])
        assert len(odd.requests) == 3
        asker.ask(same)  # a stage that is called again after another sample failed
    assert len(odd.requests) == 3
    assert len({one.text for one in found}) == 1


def test_what_lacks_something_is_not_asked():
    with odd_server(lambda number, request: said("A photo of a red cup.")) as odd:
        asker = questioner(odd.url)
        found = asker.ask([Inquiry({}, (), "there is no text"), inquiry("a hat")])
        assert asker.ask([]) == []
    assert [one.missing for one in found] == ["there is no text", ""]
    assert found[0].question == ""
    assert len(odd.requests) == 1


def test_servers_are_held_to_the_schema_where_they_can_be():
    reply = '{"referent": "a cup", "surroundings": "a hat"}'
    with odd_server(lambda number, request: said(reply)) as odd:
        [found] = questioner(odd.url, "surroundings").ask([inquiry("the cup")])
    assert found.text == "a photo of a cup surrounded by a hat"
    form = odd.requests[0]["response_format"]["json_schema"]["schema"]
    assert list(form["properties"]) == ["referent", "surroundings"]


def test_a_served_mini_model_is_asked_in_its_own_words():
    with odd_server(lambda number, request: said("a red cup")) as odd:
        [found] = questioner(odd.url, wording="rooms").ask([inquiry("the cup")])
    assert text_of(odd.requests[0]) == "describe the cup"
    assert found.text == "a photo of a red cup"
