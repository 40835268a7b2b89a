"""Any server that speaks OpenAI's chat completions, through the `openai` client.

Questions are sent several at a time, again after 429, 5xx and timeouts, with a growing wait or the
one the server names. A server that is down or refuses requests ends the asking at once.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai

from openseg.models.adapters.vision_language.pace import Pace
from openseg.models.adapters.vision_language.server_config import ServerConfig
from openseg.models.adapters.vision_language.server_faults import (
    may_pass,
    run_ends,
    unanswered,
    wait_named,
)
from openseg.models.adapters.vision_language.server_messages import read_reply, request_fields
from openseg.models.adapters.vision_language.spending import Price, Spending
from openseg.models.protocols import Reply, VisualQuestion
from openseg.models.reply_errors import LanguageModelError, ReplyError

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds before the first retry, doubled before each further one, and the most there are."""


class _Stop:
    """Tells all threads that there is no point in going on."""

    def __init__(self) -> None:
        self._set = threading.Event()
        self._error: LanguageModelError | None = None

    def because_of(self, error: LanguageModelError) -> None:
        self._error = self._error or error
        self._set.set()

    def rest(self, seconds: float) -> None:
        """Waits; raises the error that ended the asking, as soon as there is one."""
        if self._set.wait(seconds) and self._error is not None:
            raise self._error


class ServerVisionLanguage:
    """`VisionLanguage` over a server.

    Args:
        config: The server.

    Attributes:
        wording: As `server.json` says.
        spending: What asking has cost so far.

    Raises:
        InputError: If the key is not in the environment.
    """

    def __init__(self, config: ServerConfig) -> None:
        self._config = config
        self.wording = config.wording
        self._client = openai.OpenAI(
            base_url=config.base_url,
            api_key=config.key(),
            timeout=config.timeout_seconds,
            max_retries=0,
        )
        self._pace = Pace(config.requests_per_minute)
        self.spending = Spending(Price(config.prompt_price, config.reply_price, config.currency))

    def ask(self, questions: Sequence[VisualQuestion], max_tokens: int) -> list[Reply | ReplyError]:
        """Asks; see `openseg.models.protocols.VisionLanguage.ask`.

        Raises:
            ServerDownError: If nothing answers at the server's address.
            ServerRefusesError: If it refuses the key, the model's name or the requests.
        """
        stop = _Stop()

        def one(question: VisualQuestion) -> Reply | ReplyError:
            try:
                return self._ask(question, max_tokens, stop)
            except LanguageModelError as error:
                stop.because_of(error)
                raise

        with ThreadPoolExecutor(self._config.concurrency) as pool:
            return list(pool.map(one, questions))

    def _ask(self, question: VisualQuestion, max_tokens: int, stop: _Stop) -> Reply | ReplyError:
        fields = request_fields(question)
        retries = 0
        pause = 0.0
        while True:
            stop.rest(pause)
            self._pace.wait()
            found = self._send(fields, question.choices, max_tokens)
            if not isinstance(found, openai.APIError):
                self.spending.count(found, retries)
                return found
            if retries == self._config.retries or not may_pass(found):
                if ending := run_ends(found, self._config):
                    raise ending
                lost = unanswered(found, self._config)
                self.spending.count(lost, retries)
                return lost
            # Not all equal, so that threads do not come back in step.
            growing = min(LONGEST_WAIT, FIRST_WAIT * 2**retries) * random.uniform(0.75, 1.0)  # noqa: S311
            pause = max(growing, wait_named(found))
            retries += 1

    def _send(
        self, fields: dict[str, Any], choices: Sequence[str], max_tokens: int
    ) -> Reply | ReplyError | openai.APIError:
        try:
            completion: Any = self._client.chat.completions.create(
                model=self._config.model,
                max_tokens=max_tokens,
                **fields,
                **self._config.parameters,
            )
        except openai.APIError as error:
            return error
        except ValueError:  # the client lets a body through that is not JSON
            completion = None
        return read_reply(completion, choices, self._config.base_url)
