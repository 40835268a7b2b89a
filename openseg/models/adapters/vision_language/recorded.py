"""Replies kept in a file, to run again without the model: for tests, and for sharing a run.

A line of `replies.jsonl` holds a reply under the address of its question: words, pictures, choices,
schema and longest reply. The model is not part of it: the file is the model. Of several lines with
one address the last counts.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from openseg.models.adapters.vision_language.spending import Price, Spending
from openseg.models.protocols import Reply, VisionLanguage, VisualQuestion
from openseg.models.reply_errors import (
    EmptyReplyError,
    GarbageReplyError,
    NotRecordedError,
    RefusalError,
    ReplyError,
)
from openseg.types.errors import InputError

REPLIES_FILE = "replies.jsonl"

OUTCOMES = {kind.__name__: kind for kind in (RefusalError, EmptyReplyError, GarbageReplyError)}
"""Errors that are the model's own doing and are replayed; others are the weather of a network."""


class SpendingVisionLanguage(VisionLanguage, Protocol):
    """A back end that counts what it spends."""

    spending: Spending


def question_address(question: VisualQuestion, max_tokens: int) -> str:
    """sha256 (hex) over all that a reply depends on, the model aside."""
    whole = hashlib.sha256()
    told = [question.text, list(question.choices), question.schema, max_tokens]
    whole.update(json.dumps(told, sort_keys=True).encode())
    for image in question.images:
        whole.update(str(tuple(image.shape)).encode())
        whole.update(image.cpu().contiguous().numpy().tobytes())
    return whole.hexdigest()


class RecordedVisionLanguage:
    """`VisionLanguage` over a file of recorded replies.

    Args:
        file: The file.

    Attributes:
        wording: That of the model that was recorded.
        spending: Counts of what was replayed, at no cost.

    Raises:
        InputError: If a line cannot be read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._replies = read_replies(file)
        self.wording = _wording(file)
        self.spending = Spending(Price())

    def ask(self, questions: Sequence[VisualQuestion], max_tokens: int) -> list[Reply | ReplyError]:
        """Looks replies up; see `openseg.models.protocols.VisionLanguage.ask`."""
        found = [self._find(question, max_tokens) for question in questions]
        for reply in found:
            self.spending.count(reply)
        return found

    def _find(self, question: VisualQuestion, max_tokens: int) -> Reply | ReplyError:
        reply = self._replies.get(question_address(question, max_tokens))
        return reply or NotRecordedError(
            f"no reply to '{question.text[:60]}' about {len(question.images)} pictures",
            where=str(self._file),
            fix="run the method that was recorded on the same inputs, or record this run",
        )


class RecordingVisionLanguage:
    """`VisionLanguage` that passes questions on and keeps the replies in a file.

    Replies that are in the file are not asked for again, so that a broken run goes on where it
    stopped; what went wrong is. Replies are written as soon as their batch is there.

    Args:
        inner: Who answers.
        file: Where the replies go; made if it is not there.

    Attributes:
        wording: That of the one who answers.
        spending: What asking has cost so far.

    Raises:
        InputError: If a line of the file cannot be read.
    """

    def __init__(self, inner: SpendingVisionLanguage, file: Path) -> None:
        self._inner = inner
        self.wording = inner.wording
        self.spending = inner.spending
        self._file = file
        self._lock = threading.Lock()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        whole, end, _ = file.read_bytes().rpartition(b"\n")
        file.write_bytes(whole + end)  # a run that was killed may have left half a line
        self._replies = read_replies(file)

    def ask(self, questions: Sequence[VisualQuestion], max_tokens: int) -> list[Reply | ReplyError]:
        """Asks what is not recorded yet; see `openseg.models.protocols.VisionLanguage.ask`."""
        addresses = [question_address(one, max_tokens) for one in questions]
        new = {
            address: question
            for address, question in zip(addresses, questions, strict=True)
            if not isinstance(self._replies.get(address), Reply)
        }
        answers = dict(zip(new, self._inner.ask(list(new.values()), max_tokens), strict=True))
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            for address, reply in answers.items():
                if kept := _record(reply):
                    line = {
                        "address": address,
                        "wording": self.wording,
                        "question": new[address].text,
                        **kept,
                    }
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                    self._replies[address] = reply
        found = {**self._replies, **answers}
        return [found[address] for address in addresses]


def read_replies(file: Path) -> dict[str, Reply | ReplyError]:
    """Reads recorded replies by the address of their question.

    Raises:
        InputError: If the file cannot be read, or a line is not a recorded reply.
    """
    replies: dict[str, Reply | ReplyError] = {}
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read recorded replies: {error}", where=str(file)) from error
    for number, line in enumerate(lines, 1):
        try:
            kept = json.loads(line)
            replies[kept["address"]] = _replay(kept)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                "this line is not a recorded reply",
                where=f"{file}:{number}",
                fix="delete the line, or record the run again",
            ) from error
    return replies


def _wording(file: Path) -> str:
    """How the recorded model was asked; lines of an older openseg do not say."""
    with file.open(encoding="utf-8") as lines:
        first = json.loads(next(lines, "{}"))
    return str(first.get("wording", "instructions"))


def _record(reply: Reply | ReplyError) -> dict[str, Any]:
    if isinstance(reply, Reply):
        return {"reply": asdict(reply)}
    kind = type(reply).__name__
    if kind not in OUTCOMES:
        return {}
    return {"error": {"kind": kind, "what": reply.what, "where": reply.where, "fix": reply.fix}}


def _replay(kept: dict[str, Any]) -> Reply | ReplyError:
    if "error" in kept:
        error = kept["error"]
        return OUTCOMES[error["kind"]](error["what"], where=error["where"], fix=error["fix"])
    fields = kept["reply"]
    return Reply(**{**fields, "probabilities": tuple(fields["probabilities"])})
