"""Any spaCy pipeline as a sentence parser: a folder, or the name of an installed one.

Honnibal et al., "spaCy: Industrial-strength Natural Language Processing in Python", 2020,
doi:10.5281/zenodo.1212303.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self

import spacy
import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from openseg.models.adapters.spacy_parser.tree import as_phrase
from openseg.types import ParsedPhrase
from openseg.types.errors import MissingWeightsError

NAMED = "spacy.json"
"""A file with the name and version of an installed pipeline, in place of the pipeline itself."""


class Named(BaseModel):
    """What `spacy.json` says.

    Attributes:
        model: The package of the pipeline, for example `en_core_web_sm`.
        version: Its version, so that results are not filed under another one's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    version: str


class SpacyParser:
    """`SentenceParser` over a spaCy pipeline.

    Args:
        pipeline: The pipeline; it has a component that parses.
    """

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:  # noqa: ARG003
        """Loads a pipeline; see `openseg.models.adapters.Adapter.load`.

        It runs where spaCy runs it, on the CPU.

        Raises:
            MissingWeightsError: If it is not installed, cannot be read or does not parse.
        """
        where = folder / NAMED
        source = _installed(where) if where.is_file() else folder
        try:
            pipeline = spacy.load(source)
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise MissingWeightsError(
                f"spaCy cannot load '{source}': {reason}", where=str(folder)
            ) from error
        if "parser" not in pipeline.pipe_names:
            parts = ", ".join(pipeline.pipe_names) or "a tokenizer"
            raise MissingWeightsError(
                f"the spaCy pipeline has no parser, only {parts}",
                where=str(folder),
                fix="take one with a parser, such as en_core_web_sm",
            )
        return cls(pipeline)

    def parse(self, texts: Sequence[str]) -> list[ParsedPhrase]:
        """Parses phrases; see `openseg.models.tasks.parsing.SentenceParser.parse`."""
        docs = self._pipeline.pipe(texts)
        return [as_phrase(text, doc) for text, doc in zip(texts, docs, strict=True)]


def _installed(file: Path) -> str:
    """The name of the pipeline in `spacy.json`, if that version of it is installed."""
    try:
        named = Named.model_validate_json(file.read_text("utf-8"))
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(map(str, fault["loc"])) or "the file"
        raise MissingWeightsError(
            f"{key}: {fault['msg']}",
            where=str(file),
            fix='write {"model": "en_core_web_sm", "version": "3.8.0"}',
        ) from error
    try:
        found = version(named.model)
    except PackageNotFoundError:
        found = "nothing"
    if found != named.version:
        raise MissingWeightsError(
            f"spaCy model '{named.model}' {named.version} is wanted, {found} is installed",
            where=str(file),
            fix=f"python -m spacy download {named.model}-{named.version} --direct",
        )
    return named.model
