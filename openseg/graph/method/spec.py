"""The shape of a method's YAML, before anything is looked up: keys, names, sources."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from openseg.graph.graph import Source
from openseg.graph.method.explain import explain
from openseg.graph.method.marks import Marked
from openseg.graph.method.problem import Problem, closest
from openseg.graph.stage import StageConfig

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
METHOD_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
OPTIONAL = "optional "
"""What stands before the type of an input that may be left out."""

SECTIONS = {
    "inputs": "for example `inputs: {image: Image, query: TextQuery}`",
    "nodes": "for example `nodes: {detect: {use: propose.detect, in: {image: image}}}`",
    "outputs": "for example `outputs: {boxes: detect.boxes}`",
}
"""The sections every method has, with an example of each."""

_HINTS = {
    "use": "name a stage, for example `use: propose.detect`",
    "in": "for example `in: {image: image}`",
    "with": "for example `with: {encoder: clip}`",
}


def _name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        rule = "use letters, digits and _, not starting with a digit"
        raise PydanticCustomError("name", "not a name", {"rule": rule})
    return text


def _method_name(text: str) -> str:
    if not re.fullmatch(METHOD_NAME, text):
        raise PydanticCustomError("text", "letters, digits, `.`, `_` and `-`")
    return text


def _source(text: Any) -> Source:
    if not (isinstance(text, str) and re.fullmatch(rf"{NAME}(\.{NAME})?", text)):
        raise PydanticCustomError("text", "an input (`image`) or a node's output (`detect.boxes`)")
    node, _, port = text.rpartition(".")
    return Source(node, port)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else value


Name = Annotated[str, AfterValidator(_name)]
SourceText = Annotated[Source, PlainValidator(_source)]


class NodeSpec(BaseModel):
    """One entry of `nodes:`; keys beyond these three are the stage's settings."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    use: str = Field(description="The stage.")
    inputs: dict[Name, SourceText] = Field(
        default_factory=dict, alias="in", description="The source of each input port."
    )
    models: dict[Name, str] = Field(
        default_factory=dict,
        alias="with",
        description="Which of the method's models plays a role; by default the one of its name.",
    )


class MethodSpec(BaseModel):
    """A method as it is written, after `include:`."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    name: Annotated[str, AfterValidator(_method_name)] = Field(
        "", description="The method's name; by default the file's."
    )
    about: dict[str, Annotated[str, BeforeValidator(_text)]] = Field(
        default_factory=dict, description="Free text: the paper, what differs from it."
    )
    inputs: dict[Name, str] = Field(
        default_factory=dict,
        description="What the method is given: name to edge type, `optional` before it if it may "
        "be left out.",
    )
    models: dict[Name, str] = Field(
        default_factory=dict, description="The models it uses: name to model family."
    )
    nodes: dict[Name, NodeSpec] = Field(
        default_factory=dict, description="The uses of stages: name to node."
    )
    outputs: dict[Name, SourceText] = Field(
        default_factory=dict, description="What the method gives: name to source."
    )


@dataclass(frozen=True)
class Parsed:
    """A method whose shape is known.

    Attributes:
        spec: Everything in it that is well formed.
        tree: The same with places.
        whole: Whether nothing had to be left out of `spec`.
    """

    spec: MethodSpec
    tree: Marked
    whole: bool

    def unsure(self, section: str, name: str) -> bool:
        """Whether a name that `spec` lacks in a section may have been left out for a fault."""
        if self.whole:
            return False
        written = self.tree.entries.get(section)
        if written is None:
            return section in SECTIONS
        names = written.entries
        return not names or name in names or not all(re.fullmatch(NAME, key) for key in names)


def read_spec(tree: Marked, file: PurePath, problems: list[Problem]) -> Parsed:
    """Checks a method's shape.

    Args:
        tree: The method after includes and `--set`.
        file: Its file, which names the method if it does not name itself.
        problems: Receives the faults; what is at fault is left out of the result.
    """
    before = len(problems)
    plain = tree.plain()
    unknown = [key for key in plain if key not in MethodSpec.model_fields]
    for section, example in SECTIONS.items():
        if plain.get(section) in (None, {}):
            plain.pop(section, None)
            if closest(section, unknown) is None:
                place = tree.entries[section].key if section in tree.entries else tree.place
                problems.append(Problem(str(place), f"the method has no `{section}`", example))
    plain.setdefault("name", re.sub(r"\W", "_", file.stem, flags=re.ASCII))
    while True:
        try:
            spec = MethodSpec.model_validate(plain)
        except ValidationError as error:
            found = []
            for one in error.errors(include_url=False, include_input=False):
                path, steps = one["loc"], tree.walk(one["loc"])[1]
                missing = one["type"] == "missing"
                if one["type"] == "extra_forbidden":
                    one["ctx"] = {"known": [*MethodSpec.model_fields, "include"]}
                if not (missing and steps == len(path)):  # else removed here, for a fault told
                    found.append(one)
                _remove(plain, path[:-1] if missing else path[:steps])
            problems += explain(found, tree, hints=_HINTS)
        else:
            return Parsed(spec, tree, len(problems) == before)


def read_config(
    node: str, settings: dict[str, Any], kind: type[StageConfig], tree: Marked
) -> StageConfig | list[Problem]:
    """Validates a node's settings.

    Args:
        node: The node's name.
        settings: Its settings as plain data, unknown ones left out.
        kind: The stage's `Config`.
        tree: The method, for the places of faults.

    Returns:
        The settings, or the faults in them.
    """
    hints = {name: _hint(field) for name, field in kind.model_fields.items()}
    try:
        # JSON is the mode in which strictness still takes a list for a tuple and text for an enum.
        return kind.model_validate_json(json.dumps(settings), strict=True)
    except ValidationError as error:
        return explain(error.errors(include_url=False), tree, ("nodes", node), hints)


def _hint(field: FieldInfo) -> str:
    if field.is_required():
        return "it has no default"
    made = field.default_factory is not None
    return "" if made else f"the default is {json.dumps(field.default, default=str)}"


def _remove(plain: dict[str, Any], path: Sequence[str | int]) -> None:
    """Removes the value at a path, unless a mapping around it is gone already."""
    *holders, last = path
    for step in holders:
        plain = plain.get(str(step), {})
    plain.pop(str(last), None)
