"""What asking has cost: requests, tokens, money; counted by every back end of a run."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from openseg.models.protocols import Reply
from openseg.models.reply_errors import ReplyError


@dataclass(frozen=True)
class Price:
    """What a million tokens cost.

    Attributes:
        prompt: Of what the model reads.
        reply: Of what it writes.
        currency: Of both.
    """

    prompt: float = 0.0
    reply: float = 0.0
    currency: str = "USD"


class Spending:
    """A counter that threads share.

    Args:
        price: What tokens cost.

    Attributes:
        questions: Questions that were answered.
        failures: Questions without a usable reply.
        retries: Requests sent again.
        prompt_tokens: Tokens read.
        reply_tokens: Tokens written.
    """

    def __init__(self, price: Price) -> None:
        self._price = price
        self._lock = threading.Lock()
        self.questions = 0
        self.failures = 0
        self.retries = 0
        self.prompt_tokens = 0
        self.reply_tokens = 0

    def count(self, reply: Reply | ReplyError, retries: int = 0) -> None:
        """Adds the outcome of a question."""
        with self._lock:
            self.retries += retries
            if isinstance(reply, ReplyError):
                self.failures += 1
                return
            self.questions += 1
            self.prompt_tokens += reply.prompt_tokens
            self.reply_tokens += reply.reply_tokens

    def report(self) -> dict[str, float | str]:
        """Counts and cost by name, as `run.json` keeps them."""
        cost = self.prompt_tokens * self._price.prompt + self.reply_tokens * self._price.reply
        return {
            "questions": self.questions,
            "failures": self.failures,
            "retries": self.retries,
            "prompt_tokens": self.prompt_tokens,
            "reply_tokens": self.reply_tokens,
            "cost": cost / 1e6,
            "currency": self._price.currency,
        }
