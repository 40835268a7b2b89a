"""`server.json`: which server answers, how hard it may be asked and what it costs.

The file stands in place of a checkpoint, so its contents are part of every address of a reply. The
key is never in it: the file names the environment variable that holds it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from openseg.types.errors import InputError

SERVER_FILE = "server.json"


class ServerConfig(BaseModel):
    """A server that speaks OpenAI's chat completions.

    Attributes:
        base_url: Its address, up to and without `/chat/completions`.
        model: The model's name there.
        key_variable: The environment variable that holds the key; empty for none.
        concurrency: Requests under way at the same time.
        requests_per_minute: Most requests begun in any minute; 0 for no limit.
        timeout_seconds: Longest wait for one reply.
        retries: How often a request is sent again after 429, 5xx or a timeout.
        prompt_price: Price of a million tokens read.
        reply_price: Price of a million tokens written.
        currency: Currency of the prices.
        wording: How the model wants to be asked: the name of a wording in prompt files.
        parameters: More of the request's fields, as the server names them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    model: str = Field(min_length=1)
    key_variable: str = "OPENAI_API_KEY"
    concurrency: int = Field(default=8, ge=1, le=256)
    requests_per_minute: float = Field(default=0.0, ge=0.0)
    timeout_seconds: float = Field(default=120.0, gt=0.0)
    retries: int = Field(default=5, ge=0, le=20)
    prompt_price: float = Field(default=0.0, ge=0.0)
    reply_price: float = Field(default=0.0, ge=0.0)
    currency: str = "USD"
    wording: str = "instructions"
    parameters: dict[str, Any] = Field(default_factory=lambda: {"temperature": 0.0, "seed": 0})

    @field_validator("base_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an http or https address, such as http://127.0.0.1:8000/v1")
        if parts.username or parts.password or parts.query:
            raise ValueError("must hold no key or password; put it into the environment")
        return value.rstrip("/")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Reads `server.json` in a folder.

        Raises:
            InputError: If it is not JSON, or a field is missing, unknown or out of bounds.
        """
        path = folder / SERVER_FILE
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            known = ", ".join(cls.model_fields)
            raise InputError(
                f"{field}: {first['msg']}" if field else first["msg"],
                where=str(path),
                fix=f"one JSON object with base_url, model and, if wanted, others of: {known}",
            ) from None

    def key(self) -> str:
        """The key from the environment; a word without meaning where the server needs none.

        Raises:
            InputError: If the variable that the file names is not set.
        """
        if not self.key_variable:
            return "none"
        if found := os.environ.get(self.key_variable):
            return found
        raise InputError(
            f"the key of {self.base_url} is not in the environment",
            fix=f'set {self.key_variable}; if none is needed, "key_variable": "" in {SERVER_FILE}',
        )
