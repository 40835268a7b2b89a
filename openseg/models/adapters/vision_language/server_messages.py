"""Questions as chat messages on the wire, and what comes back as replies."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor

from openseg.models.protocols import Reply, VisualQuestion
from openseg.models.reply_errors import (
    EmptyReplyError,
    GarbageReplyError,
    RefusalError,
    ReplyError,
)


def request_fields(question: VisualQuestion) -> dict[str, Any]:
    """The fields of a request that depend on the question; pictures travel as PNG."""
    content: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": data_url(image)}} for image in question.images
    ]
    content.append({"type": "text", "text": question.text})
    fields: dict[str, Any] = {"messages": [{"role": "user", "content": content}]}
    if question.schema is not None:
        named = {"name": "reply", "schema": dict(question.schema), "strict": True}
        fields["response_format"] = {"type": "json_schema", "json_schema": named}
    return fields


def data_url(pixels: Tensor) -> str:
    """A picture as a `data:` address.

    Args:
        pixels: uint8 `[3, h, w]`.
    """
    file = io.BytesIO()
    Image.fromarray(pixels.permute(1, 2, 0).cpu().numpy()).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def read_reply(completion: Any, choices: Sequence[str], server: str) -> Reply | ReplyError:
    """Takes the reply out of a chat completion, which may be anything a server sends.

    Args:
        completion: What the client made of the body.
        choices: What the reply may be; empty for anything.
        server: How messages name the server.
    """
    choice = next(iter(getattr(completion, "choices", None) or ()), None)
    message = getattr(choice, "message", None)
    content = getattr(message, "content", None)
    reason = getattr(choice, "finish_reason", None)
    refusal = getattr(message, "refusal", None)
    if refusal or reason == "content_filter":
        return RefusalError(
            f"the model refused to answer: {str(refusal or reason)[:200]}",
            where=server,
            fix="ask in other words or use another model",
        )
    if message is None or not isinstance(content, str | None):
        return GarbageReplyError(
            "what came back is not a chat completion",
            where=server,
            fix="is base_url the address of a server that speaks OpenAI's chat completions?",
        )
    text = (content or "").strip()
    if not text:
        return EmptyReplyError(
            f"the reply is empty (finish reason: {reason})",
            where=server,
            fix="ask in other words or allow longer replies",
        )
    if choices:
        named = named_choice(text, choices)
        if named is None:
            return GarbageReplyError(
                f"the reply '{text[:80]}' names none, or several, of: {', '.join(choices)}",
                where=server,
                fix="say in the prompt that only one of these is an answer",
            )
        text = named
    usage = getattr(completion, "usage", None)
    return Reply(
        text,
        reason != "length",
        int(getattr(usage, "prompt_tokens", 0) or 0),
        int(getattr(usage, "completion_tokens", 0) or 0),
    )


def named_choice(text: str, choices: Sequence[str]) -> str | None:
    """The only choice that a reply names; None if it names none or several.

    A reply that begins with a choice means it, whatever it explains afterwards. Case and
    punctuation do not count, and a choice within a longer one that is named too does not either.
    """
    said = _words(text)
    for choice in sorted(choices, key=len, reverse=True):
        if f"{said} ".startswith(f"{_words(choice)} "):
            return choice
    named = [choice for choice in choices if f" {_words(choice)} " in f" {said} "]
    whole = [one for one in named if not any(one != other and one in other for other in named)]
    return whole[0] if len(whole) == 1 else None


def _words(text: str) -> str:
    return " ".join(re.findall(r"[\w'-]+", text.lower()))
