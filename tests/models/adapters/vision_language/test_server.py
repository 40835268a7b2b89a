"""A server that is slow, busy, broken, silent or rude: every case ends in one clear outcome."""

from __future__ import annotations

import base64
import io
import json
import logging
import socket
import time

import numpy as np
import pytest
from PIL import Image

from openseg.models.adapters.vision_language import server as module
from openseg.models.adapters.vision_language.server import ServerVisionLanguage
from openseg.models.adapters.vision_language.server_config import ServerConfig
from openseg.models.adapters.vision_language.server_messages import named_choice
from openseg.models.protocols import Reply, VisionLanguage, VisualQuestion
from openseg.models.reply_errors import (
    EmptyReplyError,
    GarbageReplyError,
    RateLimitError,
    RefusalError,
    ServerDownError,
    ServerFaultError,
    ServerRefusesError,
    TimedOutError,
)
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.models.adapters.vision_language.odd_server import fails, odd_server, raw, said

KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key in the environment, and short waits."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(module, "FIRST_WAIT", 0.01)


def ask(url, *questions, **settings):
    config = ServerConfig(base_url=url, model="m", **{"retries": 2, **settings})
    adapter = ServerVisionLanguage(config)
    return adapter, adapter.ask(questions or (VisualQuestion("what is it?"),), 16)


def text_of(request):
    return request["messages"][0]["content"][-1]["text"]


def test_the_picture_and_the_words_arrive_as_they_are():
    image = picture(20, 30, 1).pixels
    with odd_server(lambda number, request: said(" a red cup ")) as odd:
        adapter, [reply] = ask(odd.url, VisualQuestion("what is it?", (image,)))
    assert isinstance(adapter, VisionLanguage)
    assert reply == Reply("a red cup", True, 100, 10)
    [request] = odd.requests
    assert (request["model"], request["max_tokens"], request["temperature"]) == ("m", 16, 0.0)
    shown, asked = request["messages"][0]["content"]
    kind, _, data = shown["image_url"]["url"].partition(",")
    assert kind == "data:image/png;base64"
    arrived = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    assert np.array_equal(arrived, image.permute(1, 2, 0).numpy())
    assert asked == {"type": "text", "text": "what is it?"}
    headers = {name.lower(): value for name, value in odd.headers[0].items()}
    assert headers["authorization"] == f"Bearer {KEY}"


def test_replies_come_in_the_order_of_the_questions_though_many_are_under_way():
    questions = [VisualQuestion(f"number {n}") for n in range(12)]
    with odd_server(lambda number, request: said(text_of(request)), hold=0.1) as odd:
        _, replies = ask(odd.url, *questions, concurrency=4)
    assert [reply.text for reply in replies] == [one.text for one in questions]
    assert 2 <= odd.busiest <= 4


def test_a_busy_server_is_asked_again_until_it_answers():
    with odd_server(lambda n, request: fails(429) if n < 2 else said("yes")) as odd:
        adapter, [reply] = ask(odd.url)
    assert reply.text == "yes"
    assert adapter.spending.report()["retries"] == 2


def test_the_wait_that_the_server_names_is_kept():
    with odd_server(lambda n, r: fails(429, Retry_After="0.4") if n == 0 else said("yes")) as odd:
        ask(odd.url)
    assert odd.times[1] - odd.times[0] >= 0.4


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (fails(429), RateLimitError, "too many requests"),
        (fails(500, "out of memory"), ServerFaultError, "out of memory"),
        (said(None, refusal="I cannot help with that"), RefusalError, "cannot help"),
        (said(None, reason="content_filter"), RefusalError, "content_filter"),
        (said(""), EmptyReplyError, "empty"),
        (said(None), EmptyReplyError, "empty"),
        (said("  \n "), EmptyReplyError, "empty"),
        (raw(b"<html>hello</html>", "text/html"), GarbageReplyError, "not a chat completion"),
        (raw(b"{]", "application/json"), GarbageReplyError, "not a chat completion"),
        (raw(b'{"a": 1}', "application/json"), GarbageReplyError, "not a chat completion"),
        (raw(b'{"choices": []}', "application/json"), GarbageReplyError, "not a chat completion"),
        (raw(b'{"choices": [7]}', "application/json"), GarbageReplyError, "not a chat completion"),
        (raw(b"[]", "application/json"), GarbageReplyError, "not a chat completion"),
        (raw(b"", "application/json"), GarbageReplyError, "not a chat completion"),
    ],
)
def test_a_bad_answer_is_the_error_of_its_question_alone(answer, error, words):
    def mostly_well(number, request):
        return answer if text_of(request) == "bad" else said("fine")

    questions = [VisualQuestion(text) for text in ("one", "bad", "two")]
    with odd_server(mostly_well) as odd:
        adapter, replies = ask(odd.url, *questions)
    assert [type(reply) for reply in replies] == [Reply, error, Reply]
    message = str(replies[1])
    assert words in message
    assert message.startswith(odd.url)
    assert replies[1].fix
    assert "\n" not in message
    assert adapter.spending.report()["failures"] == 1


def test_a_server_that_hangs_times_out():
    begun = time.monotonic()
    with odd_server(lambda number, request: said("late"), hold=5.0) as odd:
        _, [reply] = ask(odd.url, timeout_seconds=0.2, retries=1)
        assert isinstance(reply, TimedOutError)
        assert "0.2 s after 2 tries" in str(reply)
        assert len(odd.requests) == 2
    assert time.monotonic() - begun < 4


def test_a_server_that_is_down_ends_the_asking_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    begun = time.monotonic()
    with pytest.raises(ServerDownError, match="no server answers here") as caught:
        ask(url, *[VisualQuestion(f"{n}") for n in range(200)], concurrency=2)
    assert time.monotonic() - begun < 5
    assert url in str(caught.value)
    assert "start it" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "environment variable OPENAI_API_KEY"),
        (403, "environment variable OPENAI_API_KEY"),
        (404, "knows no model 'm'"),
        (400, "refuses the request"),
    ],
)
def test_a_server_that_refuses_ends_the_asking_without_saying_the_key(status, words, caplog):
    caplog.set_level(logging.DEBUG)
    answer = fails(status, f"Incorrect API key provided: {KEY}.")
    with odd_server(lambda number, request: answer) as odd:
        with pytest.raises(ServerRefusesError, match=words) as caught:
            ask(odd.url)
        assert len(odd.requests) == 1
    assert KEY not in str(caught.value)
    ours = [record for record in caplog.records if record.name.startswith("openseg")]
    assert not any(KEY in record.getMessage() for record in ours)


def test_a_fault_that_repeats_the_key_is_told_without_it():
    with odd_server(lambda number, request: fails(503, f"bad header {KEY}")) as odd:
        _, [reply] = ask(odd.url)
    assert isinstance(reply, ServerFaultError)
    assert KEY not in str(reply)


def test_tokens_and_price_are_counted():
    with odd_server(lambda number, request: said("yes")) as odd:
        adapter, _ = ask(
            odd.url,
            *[VisualQuestion(str(n)) for n in range(3)],
            prompt_price=2.0,
            reply_price=10.0,
            currency="EUR",
        )
    # 3 x (100 x 2 + 10 x 10) / 1,000,000, by hand.
    assert adapter.spending.report() == {
        "questions": 3,
        "failures": 0,
        "retries": 0,
        "prompt_tokens": 300,
        "reply_tokens": 30,
        "cost": pytest.approx(0.0009),
        "currency": "EUR",
    }


def test_requests_keep_their_distance():
    with odd_server(lambda number, request: said("yes")) as odd:
        ask(odd.url, *[VisualQuestion(str(n)) for n in range(4)], requests_per_minute=600)
    assert odd.times[-1] - odd.times[0] >= 0.3 - 0.02


def test_a_reply_that_was_cut_says_so():
    with odd_server(lambda number, request: said("a very lo", reason="length")) as odd:
        _, [reply] = ask(odd.url)
    assert not reply.complete


def test_a_schema_is_sent_along():
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}}
    with odd_server(lambda number, request: said('{"colour": "red"}')) as odd:
        ask(odd.url, VisualQuestion("which colour?", schema=schema))
    assert odd.requests[0]["response_format"]["json_schema"]["schema"] == schema


def test_a_reply_to_a_choice_is_one_of_the_choices():
    question = VisualQuestion("is it a red cup?", choices=("yes", "no"))
    with odd_server(lambda n, request: said(["Yes, it is.", "Maybe"][n])) as odd:
        adapter, [reply] = ask(odd.url, question)
        assert reply.text == "yes"
        [reply] = adapter.ask([question], 16)
    assert isinstance(reply, GarbageReplyError)
    assert "yes, no" in str(reply)


@pytest.mark.parametrize(
    ("text", "choices", "named"),
    [
        ("YES.", ("yes", "no"), "yes"),
        ("No, it is not a red cup", ("yes", "no"), "no"),
        ("The answer is: no", ("yes", "no"), "no"),
        ("yes or no", ("yes", "no"), "yes"),
        ("either yes or no", ("yes", "no"), None),
        ("It is a dark red cup.", ("red", "dark red"), "dark red"),
        ("nothing", ("yes", "no"), None),
        ("", ("yes", "no"), None),
    ],
)
def test_which_choice_a_text_names(text, choices, named):
    assert named_choice(text, choices) == named


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "m"}, "base_url"),
        ({"base_url": "localhost:8000", "model": "m"}, "http"),
        ({"base_url": "http://me:secret@host/v1", "model": "m"}, "no key or password"),
        ({"base_url": "http://host/v1", "model": "m", "api_key": "sk"}, "api_key"),
        ({"base_url": "http://host/v1", "model": "m", "retries": 99}, "retries"),
    ],
)
def test_a_wrong_server_file_is_one_clear_line(tmp_path, fields, words):
    (tmp_path / "server.json").write_text(json.dumps(fields))
    with pytest.raises(InputError, match=words) as caught:
        ServerConfig.read(tmp_path)
    assert "server.json" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_missing_key_is_told_before_anything_is_sent(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(InputError, match="set OPENAI_API_KEY"):
        ask("http://127.0.0.1:9/v1")
