"""Faults of a server as errors that say which server, what is wrong and what to do."""

from __future__ import annotations

import openai

from openseg.models.adapters.vision_language.server_config import SERVER_FILE, ServerConfig
from openseg.models.reply_errors import (
    GarbageReplyError,
    LanguageModelError,
    RateLimitError,
    ReplyError,
    ServerDownError,
    ServerFaultError,
    ServerRefusesError,
    TimedOutError,
)

TOO_MANY, TIMEOUT, CONFLICT, FAULT = 429, 408, 409, 500


def may_pass(error: openai.APIError) -> bool:
    """Whether the same request may succeed later: timeouts, lost connections, 429 and 5xx."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in {TOO_MANY, TIMEOUT, CONFLICT} or error.status_code >= FAULT
    return isinstance(error, openai.APIConnectionError)


def wait_named(error: openai.APIError) -> float:
    """Seconds the server asks to wait (`Retry-After`), at most a minute; 0 if it says nothing."""
    if not isinstance(error, openai.APIStatusError):
        return 0.0
    try:
        return min(60.0, max(0.0, float(error.response.headers.get("retry-after", "0"))))
    except ValueError:
        return 0.0


def run_ends(error: openai.APIError, config: ServerConfig) -> LanguageModelError | None:
    """The error that stands for all further questions too, if it is one."""
    where = config.base_url
    if isinstance(error, openai.APIConnectionError) and not isinstance(
        error, openai.APITimeoutError
    ):
        return ServerDownError(
            "no server answers here",
            where=where,
            fix=f"start it, or correct base_url in {SERVER_FILE}",
        )
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return ServerRefusesError(
            f"the server refuses the key ({error.status_code})",
            where=where,
            fix=f"put a valid key into the environment variable {config.key_variable or '(none)'}",
        )
    if isinstance(error, openai.NotFoundError):
        return ServerRefusesError(
            f"the server knows no model '{config.model}', or is no chat server (404)",
            where=where,
            fix=f"correct model or base_url in {SERVER_FILE}",
        )
    if isinstance(error, openai.APIStatusError) and not may_pass(error):
        return ServerRefusesError(
            f"the server refuses the request ({error.status_code}): {_said(error, config)}",
            where=where,
            fix=f"correct model and parameters in {SERVER_FILE}",
        )
    return None


def unanswered(error: openai.APIError, config: ServerConfig) -> ReplyError:
    """The error of one question, after all retries."""
    where, tries = config.base_url, f"after {config.retries + 1} tries"
    if isinstance(error, openai.APITimeoutError):
        return TimedOutError(
            f"no reply within {config.timeout_seconds:g} s {tries}",
            where=where,
            fix=f"raise timeout_seconds or lower concurrency in {SERVER_FILE}",
        )
    if isinstance(error, openai.RateLimitError):
        return RateLimitError(
            f"the server says too many requests (429) {tries}",
            where=where,
            fix=f"set requests_per_minute or lower concurrency in {SERVER_FILE}",
        )
    if isinstance(error, openai.APIStatusError):
        return ServerFaultError(
            f"the server failed ({error.status_code}) {tries}: {_said(error, config)}",
            where=where,
            fix="see the server's own log",
        )
    return GarbageReplyError(
        "what came back is not a chat completion",
        where=where,
        fix="is base_url the address of a server that speaks OpenAI's chat completions?",
    )


def _said(error: openai.APIError, config: ServerConfig) -> str:
    """The server's own words, short, on one line and without the key, should it repeat it."""
    words = " ".join(str(error.message).split())
    return words.replace(config.key(), "...")[:200]
