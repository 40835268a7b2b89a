"""Methods that ask a language model, with a real server that answers, refuses, or is gone."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import openseg
from openseg.api.runs import RunRequest, run_images
from openseg.graph.graph import Source
from openseg.models.adapters.vision_language import server as module
from openseg.models.reply_errors import ServerDownError
from openseg.types.errors import OpensegError
from tests.models.adapters.vision_language.odd_server import Answer, fails, odd_server, raw, said

COARSE = ("propose.points_per_side=6",)
BESIDE = "describe {} and what is next to it"
"""How the mini model is asked for what surrounds a thing."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits."""
    monkeypatch.setattr(module, "FIRST_WAIT", 0.01)


def served(folder: Path, url: str, **settings) -> dict[str, Path]:
    """Mini weights, with a language model on a server that is asked as the mini model is."""
    folder.mkdir(exist_ok=True)
    config = {"base_url": url, "model": "m", "key_variable": "", "wording": "rooms"}
    (folder / "server.json").write_text(json.dumps({**config, "retries": 0, **settings}))
    return {"vlm": folder}


def words(request: dict[str, Any]) -> str:
    return str(request["messages"][0]["content"][-1]["text"])


def by_words(rule: Callable[[str], str]) -> Callable[[int, dict[str, Any]], Answer]:
    return lambda number, request: said(rule(words(request)))


def similarity(result, node: str) -> torch.Tensor:
    values: torch.Tensor = result.values[Source(node, "similarity")].values
    return values


def cascade(result) -> int:
    """The paper's choice, step by step: both yes, then texts, then picture, then all."""
    text, mask = (similarity(result, node)[:, 0] == 1 for node in ("same_text", "same_mask"))
    score = (similarity(result, "text_text") + similarity(result, "mask_text"))[:, 0] / 2
    for group in (text & mask, text, mask, torch.ones_like(text)):
        if group.any():
            return int(score.masked_fill(~group, -9.0).argmax())
    raise AssertionError


@pytest.mark.parametrize("yes", ["both", "text", "mask", "none"])
def test_resanything_chooses_as_the_papers_cascade_does(yes, room, tmp_path):
    told = [0]

    def rule(text: str) -> str:
        if text == "describe it":
            told[0] += 1
            return f"a thing number {told[0]}"
        if text.startswith("describe"):
            return "a red chair with legs"
        about_text = text.startswith("a thing")
        odd = sum(map(ord, text)) % 3 == 0 if about_text else True
        return "yes" if odd and yes in {"both", "text" if about_text else "mask"} else "no"

    with odd_server(by_words(rule)) as odd:
        weights = served(tmp_path / "vlm", odd.url)
        result = openseg.load("resanything", weights, settings=COARSE)(room, text="the seat")
    chosen = int(result.values[Source("choose", "rows")].index[0])
    assert chosen == cascade(result)
    assert len(result) == 1
    assert -1 <= float(result.scores[0]) <= 1
    trail = str(result.trace[0])
    assert "'a red chair with legs'" in trail
    assert "'a thing number" in trail


def test_lgd_adds_up_three_cosines_with_the_papers_form(room, tmp_path):
    told = {"describe the seat": "a red chair", BESIDE.format("the seat"): "a chair by a table"}
    with odd_server(by_words(lambda text: told.get(text, "a lamp"))) as odd:
        weights = served(tmp_path / "vlm", odd.url)
        result = openseg.load("lgd", weights, settings=COARSE)(room, text="the seat; a lamp")
    van, att, sur = (similarity(result, f"{name}_fit") for name in ("van", "att", "sur"))
    assert torch.allclose(similarity(result, "fit"), van + 0.5 * att + 0.5 * sur, atol=1e-5)
    encoder = openseg.load("clip_ranked_masks").models.load("clip")
    regions = result.values[Source("regions", "embeddings")].vectors
    texts = ["a photo of a red chair", "a photo of a chair by a table"]
    wanted = regions @ encoder.encode_texts(texts).T
    assert torch.allclose(torch.cat([att[:, :1], sur[:, :1]], dim=1), wanted, atol=1e-4)
    phrases = ("the seat", "a lamp")
    asked = [text for one in phrases for text in (f"describe {one}", BESIDE.format(one))]
    assert sorted(map(words, odd.requests)) == sorted(asked)


USELESS = {
    "empty": said(""),
    "refusal": said(None, refusal="I cannot"),
    "garbage": raw(b"\x00\xff", "application/octet-stream"),
    "filtered": said(None, reason="content_filter"),
}


@pytest.mark.parametrize("method", ["lgd", "resanything"])
@pytest.mark.parametrize("answer", USELESS.values(), ids=list(USELESS))
def test_useless_replies_leave_the_users_own_words(answer, method, room, tmp_path):
    with odd_server(lambda number, request: answer) as odd:
        weights = served(tmp_path / "vlm", odd.url)
        result = openseg.load(method, weights, settings=COARSE)(room, text="red chair")
    assert len(result) == 1
    assert "missing:" in str(result.trace[0])
    if method == "lgd":  # all three scores are those of the words themselves
        plain = openseg.load("clip_ranked_masks", settings=COARSE)(room, text="red chair")
        assert torch.equal(result.masks, plain.masks)


def test_a_server_that_is_down_ends_the_run_and_resume_goes_on(room, tmp_path):
    """Not a hundred failed images: one line that says what to do, and nothing is lost."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    weights = served(tmp_path / "vlm", f"http://127.0.0.1:{port}/v1")
    paths = [tmp_path / f"{name}.png" for name in "ab"]
    for path in paths:
        Image.fromarray(np.asarray(Image.open(room).resize((160, 120)))).save(path)
    request = RunRequest(paths, text="red chair")
    method = openseg.load("lgd", weights, settings=COARSE)
    with pytest.raises(ServerDownError, match="no server answers here"):
        run_images(method, request, tmp_path / "run")
    assert not json.loads((tmp_path / "run" / "run.json").read_text())["finished"]

    with odd_server(by_words(lambda text: "a red chair"), port=port):
        method = openseg.load("lgd", weights, settings=COARSE)
        summary = run_images(method, request, tmp_path / "run", resume=True)
    assert (summary.samples, summary.failed) == (2, 0)


def test_a_429_that_does_not_pass_fails_its_image_only_and_is_not_stored(room, tmp_path):
    other = tmp_path / "other.png"
    Image.fromarray(np.asarray(Image.open(room))[::-1, ::2].copy()).save(other)
    busy = [True]

    def answer(number: int, request: dict[str, Any]) -> Answer:
        wide = len(request["messages"][0]["content"][0]["image_url"]["url"]) > limit[0]
        return fails(429, "slow down") if busy[0] and wide else said("a red chair")

    limit = [0]
    with odd_server(answer) as odd:
        weights = served(tmp_path / "vlm", odd.url)

        def run(folder: str):
            method = openseg.load("lgd", weights, settings=COARSE, cache=tmp_path / "cache")
            paths = [Path(room), other]
            return run_images(method, RunRequest(paths, text="red chair"), tmp_path / folder)

        busy[0] = False
        run("warm")
        sizes = [len(r["messages"][0]["content"][0]["image_url"]["url"]) for r in odd.requests]
        limit[0] = min(sizes)
        busy[0] = True
        (tmp_path / "vlm" / "server.json").write_text(
            (tmp_path / "vlm" / "server.json").read_text().replace('"m"', '"n"')
        )
        first = run("first")
        assert (first.samples, first.failed) == (2, 1)
        lines = (tmp_path / "first" / "regions.jsonl").read_text()
        assert "too many requests (429)" in lines
        busy[0] = False
        second = run("second")
    assert (second.samples, second.failed) == (2, 0)


@pytest.mark.parametrize("method", ["lgd", "resanything"])
def test_no_proposal_at_all(method, tmp_path):
    with odd_server(by_words(lambda text: "a red chair")) as odd:
        weights = served(tmp_path / "vlm", odd.url)
        settings = (*COARSE, "propose.min_quality=1")
        blank = np.full((48, 64, 3), 127, np.uint8)
        result = openseg.load(method, weights, settings=settings)(blank, text="a cup")
    assert len(result) == 0
    assert result.masks.shape == (0, 48, 64)
    beside = {BESIDE.format("a cup")} if method == "lgd" else set()
    assert {words(request) for request in odd.requests} == {"describe a cup"} | beside


def test_a_recorded_run_replays_without_its_server_and_tells_what_it_cost(room, tmp_path):
    request = RunRequest([Path(room)], text="red chair; lamp")
    with odd_server(by_words(lambda text: "yes" if "?" in text else "a red chair")) as odd:
        weights = served(tmp_path / "vlm", odd.url, prompt_price=2.0, reply_price=10.0)
        file = tmp_path / "kept" / "replies.jsonl"
        method = openseg.load(
            "resanything", weights, settings=COARSE, record=file, cache=tmp_path / "cache"
        )
        summary = run_images(method, request, tmp_path / "first")
        count = len(odd.requests)
    spent = json.loads((tmp_path / "first" / "run.json").read_text())["spending"]["vlm"]
    assert spent["questions"] == count
    # The server says 100 tokens read and 10 written for each.
    assert spent["cost"] == pytest.approx(count * (100 * 2.0 + 10 * 10.0) / 1e6)
    assert any(f"vlm: {count} questions" in line for line in summary.lines())

    replaying = openseg.load("resanything", f"mini,vlm={file.parent}", settings=COARSE)
    run_images(replaying, request, tmp_path / "second")
    first, second = (
        (tmp_path / name / "regions.jsonl").read_bytes() for name in ("first", "second")
    )
    assert first == second


def test_a_recording_of_another_question_fails_the_image(room, tmp_path):
    (tmp_path / "replies.jsonl").write_text("")
    method = openseg.load("lgd", {"vlm": tmp_path}, settings=COARSE)
    with pytest.raises(OpensegError, match="no reply to"):
        method(room, text="red chair")
