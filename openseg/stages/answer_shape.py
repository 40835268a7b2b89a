"""What an answer must look like, and how it is taken out of a reply.

Nothing is made up: a reply that does not have the shape gives no answer, only the reason why not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

_SLOT = re.compile(r"\{([a-z_]+)\}")


class BadAnswerError(ValueError):
    """A reply that does not have the shape that was asked for."""


class AnswerShape(BaseModel):
    """The shape of an answer: one of some choices, a JSON object of texts, or a line of text.

    Attributes:
        choices: If given, the reply is one of these.
        fields: If given, the reply is a JSON object with these keys; each with what it holds, for
            servers that can be held to a schema.
        begins: If given, how the line of text begins; what comes before it and it itself are left
            out.
        says: The answer as the method uses it, with slots: `{text}`, or the names of fields.
        never: Answers that are none, without regard to case: what a model says that was not heard.
        most_words: Most words of the answer; encoders of texts cut what is much longer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    choices: tuple[str, ...] = ()
    fields: dict[str, str] = Field(default_factory=dict)
    begins: str = ""
    says: str = "{text}"
    never: tuple[str, ...] = ()
    most_words: int = Field(default=45, ge=1)

    @model_validator(mode="after")
    def _one_kind(self) -> AnswerShape:
        if bool(self.choices) + bool(self.fields) + bool(self.begins) > 1:
            raise ValueError("an answer has `choices`, or `fields`, or `begins`")
        known = set(self.fields) or {"text"}
        if not slots_of(self.says) or slots_of(self.says) - known:
            raise ValueError(f"`says` must use some of: {', '.join(sorted(known))}")
        return self

    def json_schema(self) -> Mapping[str, Any] | None:
        """The JSON Schema of the reply where it is an object."""
        if not self.fields:
            return None
        return {
            "type": "object",
            "properties": {
                name: {"type": "string", "description": text} for name, text in self.fields.items()
            },
            "required": list(self.fields),
            "additionalProperties": False,
        }

    def read(self, reply: str) -> str:
        """The answer in a reply.

        Raises:
            BadAnswerError: If the reply does not have the shape; the message says why.
        """
        if self.choices:
            if reply not in self.choices:
                raise BadAnswerError(f"the reply is none of: {', '.join(self.choices)}")
            return reply
        parts = self._fields(reply) if self.fields else {"text": self._line(reply)}
        said = fill(self.says, parts)
        if len(said.split()) > self.most_words:
            raise BadAnswerError(f"the answer has more than {self.most_words} words")
        return said

    def _fields(self, reply: str) -> dict[str, str]:
        start, end = reply.find("{"), reply.rfind("}")
        try:
            found = json.loads(reply[start : end + 1]) if 0 <= start < end else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise BadAnswerError("the reply holds no JSON object")
        return {name: _text(name, found.get(name)) for name in self.fields}

    def _line(self, reply: str) -> str:
        """The first line, or what follows the words the answer begins with."""
        if self.begins:
            found = re.search(rf"{re.escape(self.begins)}\b(.*)", reply, re.IGNORECASE)
            if found is None:
                raise BadAnswerError(f"the reply does not begin with '{self.begins}'")
            line = found[1]
        else:
            line = next((one for one in reply.splitlines() if one.strip()), "")
        line = line.strip().strip("\"'*` ").removesuffix(".").strip()
        if not re.search(r"\w", line):
            raise BadAnswerError("the reply has no words")
        if line.lower() in self.never:
            raise BadAnswerError(f"'{line}' is no answer to this")
        return line


def _text(name: str, value: Any) -> str:
    """A field's text; a list of texts is as good."""
    parts = value if isinstance(value, list) else [value]
    if not parts or not all(isinstance(one, str) and one.strip() for one in parts):
        raise BadAnswerError(f"the field '{name}' is not a text")
    return ", ".join(" ".join(one.split()) for one in parts).removesuffix(".")


def slots_of(template: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_SLOT.findall(template))


def fill(template: str, slots: Mapping[str, str]) -> str:
    """Fills every slot at once, so that braces within a filled-in text mean nothing."""
    return _SLOT.sub(lambda found: slots[found[1]], template)
