"""Prompts as files: what a language model is shown and asked, and what its answer must look like.

A file has a version, a source and one wording for each way in which models want to be asked. Words
in braces are slots. Settings name a prompt; the name is pinned to its version and content, so that
a changed file is another setting.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from openseg.stages.answer_shape import AnswerShape, fill, slots_of
from openseg.types.plain_yaml import read_yaml

PictureKind = Literal["whole", "marked", "crop", "masked"]
"""The whole picture; the whole with a red box around the region; the region's square crop with its
surroundings; the same with everything outside the region's mask painted over."""

INSTRUCTIONS = "instructions"
"""The wording for models that follow instructions; every prompt has it."""

_PINNED = re.compile(r"(?P<name>.+?)(?:@(?P<version>\d+)(?:#(?P<digest>[0-9a-f]{8}))?)?")


class Wording(BaseModel):
    """How one kind of model is asked.

    Attributes:
        pictures: What is shown before the words, in this order.
        ask: The words.
        again: The words of the second try, after an answer that could not be used; other words,
            since a model would reply to the same words in the same way.
        answer: What the answer must look like.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pictures: tuple[PictureKind, ...]
    ask: str = Field(min_length=1)
    again: str = Field(min_length=1)
    answer: AnswerShape = AnswerShape()

    @model_validator(mode="after")
    def _other_words(self) -> Wording:
        if self.ask.strip() == self.again.strip():
            raise ValueError("`again` must not be the words of `ask`")
        return self

    def slots(self) -> frozenset[str]:
        """The slots of both questions."""
        return slots_of(self.ask) | slots_of(self.again)

    def words(self, slots: Mapping[str, str], again: bool = False) -> str:
        """The question with its slots filled."""
        return fill(self.again if again else self.ask, slots).strip()


class Prompt(BaseModel):
    """A prompt as its file says it.

    Attributes:
        version: Raised with every change of the file.
        source: Where the idea is from, and whose words these are.
        wordings: By what models say of themselves, `instructions` among them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1)
    source: str = Field(min_length=1)
    wordings: dict[str, Wording]

    @model_validator(mode="after")
    def _for_most_models(self) -> Prompt:
        if INSTRUCTIONS not in self.wordings:
            raise ValueError(f"`wordings` must have `{INSTRUCTIONS}`")
        return self

    def wording(self, kind: str) -> Wording:
        """The wording for a kind of model; that for instructions if there is none of its own."""
        return self.wordings.get(kind, self.wordings[INSTRUCTIONS])

    def slots(self) -> frozenset[str]:
        """The slots of all wordings."""
        return frozenset().union(*(one.slots() for one in self.wordings.values()))

    def pictures(self) -> frozenset[PictureKind]:
        """The kinds of pictures that any wording shows."""
        return frozenset(kind for one in self.wordings.values() for kind in one.pictures)


def prompt_names() -> list[str]:
    """The names of the prompts that come with the package, sorted."""
    folder = files("openseg.stages").joinpath("prompts")
    return sorted(one.name.removesuffix(".yaml") for one in folder.iterdir())


def read_prompt(name: str) -> Prompt:
    """Reads a prompt.

    Args:
        name: The name of a shipped prompt or the path of a file that ends in `.yaml`; a version
            and digest behind it must be those of the file.

    Raises:
        ValueError: If there is no such prompt, it is not well formed, or it is another version.
    """
    return _read(name)[0]


def pinned(name: str) -> str:
    """The name with the version and the digest of the file, for example `parts@2#0a1b2c3d`.

    Args:
        name: As for `read_prompt`.

    Raises:
        ValueError: As `read_prompt`.
    """
    return _read(name)[1]


PromptName = Annotated[str, AfterValidator(pinned)]
"""A setting that names a prompt. Use it with `validate_default=True`."""


def check_use(name: str, slots: set[str], pictures: set[PictureKind]) -> str:
    """Checks that a stage can fill a prompt's slots and show its pictures.

    Args:
        name: The prompt.
        slots: What the stage can fill in.
        pictures: What the stage can show.

    Returns:
        The name.

    Raises:
        ValueError: If the prompt wants more.
    """
    prompt = read_prompt(name)
    if more := sorted(prompt.slots() - slots):
        known = ", ".join(sorted(slots)) or "none"
        raise ValueError(f"prompt '{name}' has the slot '{more[0]}'; this stage fills: {known}")
    if more := sorted(prompt.pictures() - pictures):
        known = ", ".join(sorted(pictures))
        raise ValueError(f"prompt '{name}' shows '{more[0]}'; this stage can show: {known}")
    return name


def _read(name: str) -> tuple[Prompt, str]:
    found = _PINNED.fullmatch(name)
    bare = found["name"] if found else name
    content = _content(bare)
    try:
        prompt = Prompt.model_validate(read_yaml(content))
    except (ValidationError, yaml.YAMLError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        where = ""
        if isinstance(error, ValidationError):
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ValueError(f"prompt '{bare}' is not well formed: {where} {reason}") from None
    digest = hashlib.sha256(content).hexdigest()[:8]
    whole = f"{bare}@{prompt.version}#{digest}"
    asked = found and (found["version"], found["digest"])
    if asked and asked[0] and (int(asked[0]) != prompt.version or asked[1] not in {None, digest}):
        raise ValueError(f"prompt '{name}' is not here: this one is '{whole}'")
    return prompt, whole


def _content(name: str) -> bytes:
    if name.endswith(".yaml"):
        try:
            return Path(name).read_bytes()
        except OSError as error:
            raise ValueError(f"cannot read the prompt: {error}") from error
    if name not in prompt_names():
        known = ", ".join(prompt_names())
        raise ValueError(f"there is no prompt '{name}'; there are {known}, and files *.yaml")
    return files("openseg.stages").joinpath("prompts", f"{name}.yaml").read_bytes()
