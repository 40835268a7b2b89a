"""YAML text to plain data that remembers the line of every key and value.

The text may come from anyone: no tag runs code, anchors cannot blow up, nesting is bounded. Scalars
follow the YAML 1.2 core schema, as editors read it (`no` is text, `1e-3` is a number).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from openseg.graph.method.problem import Problem
from openseg.types.errors import MethodError

MAX_DEPTH = 20
MAX_VALUES = 10_000

_TAG = "tag:yaml.org,2002:"
_CORE = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    # Whole numbers beyond 18 digits fall through to float: they fit no setting, and Python would
    # refuse to print the longest of them.
    "int": (r"[-+]?[0-9]{1,18}|0o[0-7]{1,20}|0x[0-9a-fA-F]{1,15}", list("-+0123456789")),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    "merge": (r"<<", ["<"]),
}
_HINTS = {
    "'\\t'": "indent with spaces, not tabs",
    "mapping values are not allowed": "put text that contains a colon in quotes",
    "expected ':'": "a `key: value` lacks its colon, or a line is indented wrongly",
    "expected ',' or": "a bracket is not closed or a comma is missing",
    "undefined alias": "an anchor is defined with `&name` before it is used",
    "expected <block end>": "check the indentation of this line",
    "single document": "a file holds one method; remove the `---`",
}


@dataclass(frozen=True)
class Place:
    """Where something is written: a line of a file, or (line 0) an argument."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Marked:
    """A YAML value with its place.

    Attributes:
        data: A scalar, or a list or mapping of marked values.
        place: Where the value starts.
        key: Where its key is written; the value's own place if it has none.
    """

    data: bool | int | float | str | list[Marked] | dict[str, Marked] | None
    place: Place
    key: Place

    @property
    def entries(self) -> dict[str, Marked]:
        """The entries of a mapping; none if the value is something else."""
        return self.data if isinstance(self.data, dict) else {}

    def plain(self) -> Any:
        """The value without its places."""
        if isinstance(self.data, dict):
            return {key: value.plain() for key, value in self.data.items()}
        if isinstance(self.data, list):
            return [value.plain() for value in self.data]
        return self.data

    def walk(self, path: Sequence[str | int]) -> tuple[Marked, int]:
        """Follows keys and indices as far as they exist; the value there and the steps taken."""
        value = self
        for steps, step in enumerate(path):
            if isinstance(value.data, dict) and step in value.data:
                value = value.data[str(step)]
            elif isinstance(value.data, list) and step in range(len(value.data)):
                value = value.data[int(step)]
            else:
                return value, steps
        return value, len(path)


def parse(text: str, place: Place, problems: list[Problem]) -> Marked:
    """Reads one YAML document.

    Args:
        text: The document.
        place: Its file with line 1, or an argument of the command line with line 0.
        problems: Receives duplicate keys; reading goes on after them.

    Raises:
        MethodError: If the text is not YAML, uses tags beyond plain data, or is nested or expanded
            beyond the limits.
    """
    try:
        node = yaml.compose(text, Loader=_Composer)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, place) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"the character U+{int(error.character):04X} is not allowed in YAML"
        raise MethodError(what, where=str(_at(place, line))) from error
    except (ValueError, OverflowError) as error:  # an escape such as "\UFFFFFFFF"
        raise MethodError(f"cannot be read as YAML: {error}", where=str(place)) from error
    if node is None:
        return Marked(None, place, place)
    return _Builder(place, problems).build(node, ())


class _Composer(yaml.SafeLoader):
    """PyYAML's composer with the YAML 1.2 core schema and bounded nesting."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # PyYAML's own way to hold them
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                problem=f"nested more than {MAX_DEPTH} levels deep", problem_mark=mark
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _name, (_pattern, _first) in _CORE.items():
    _Composer.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), _first)


class _Builder:
    """Turns PyYAML nodes into marked values, with aliases and merge keys expanded."""

    def __init__(self, place: Place, problems: list[Problem]) -> None:
        self.root = place
        self.problems = problems
        self.values = 0

    def build(self, node: yaml.Node, path: tuple[str, ...]) -> Marked:
        place = _at(self.root, node.start_mark.line + 1)
        self.values += 1
        if self.values > MAX_VALUES or len(path) > MAX_DEPTH:
            what = "an anchor contains itself" if len(path) > MAX_DEPTH else "too many values"
            limits = f"at most {MAX_VALUES} values, {MAX_DEPTH} levels deep"
            raise MethodError(f"{what} once anchors are expanded", where=str(place), fix=limits)
        data: Any
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            data = self._mapping(node, path)
        elif isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            data = [self.build(item, (*path, str(i))) for i, item in enumerate(node.value)]
        elif isinstance(node, yaml.ScalarNode):
            data = _scalar(node, place)
        else:
            raise _tag_error(node, place)
        return Marked(data, place, place)

    def _mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[str, Marked]:
        merged: dict[str, Marked] = {}
        own: dict[str, Marked] = {}
        for key_node, value_node in node.value:
            place = _at(self.root, key_node.start_mark.line + 1)
            if key_node.tag == f"{_TAG}merge":
                merged = {**self._merge(value_node, path), **merged}
                continue
            if key_node.tag != f"{_TAG}str":
                raise MethodError(
                    "a key must be text", where=str(place), fix="put the key in quotes"
                )
            key = str(_scalar(key_node, place))
            value = replace(self.build(value_node, (*path, key)), key=place)
            if key in own:
                what = f"`{'.'.join((*path, key))}` is given twice"
                before = own[key].key
                self.problems.append(
                    Problem(str(place), what, f"the first is on line {before.line}")
                )
            else:
                own[key] = value
        return {**merged, **own}

    def _merge(self, node: yaml.Node, path: tuple[str, ...]) -> dict[str, Marked]:
        value = self.build(node, (*path, "<<"))
        parts = value.data if isinstance(value.data, list) else [value]
        if not all(isinstance(part.data, dict) for part in parts):
            raise MethodError("`<<` must name mappings", where=str(value.place))
        return {key: entry for part in reversed(parts) for key, entry in part.entries.items()}


def _scalar(node: yaml.ScalarNode, place: Place) -> bool | int | float | str | None:
    text: str = node.value
    try:
        text.encode()  # an escape can make half a surrogate pair, which no file can hold
        match node.tag.removeprefix(_TAG):
            case "str" | "merge":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text, 0 if text[:2] in ("0x", "0o") else 10)
            case "float":
                return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError as error:
        tag = node.tag.removeprefix(_TAG)
        raise MethodError(f"{text[:40]!r} is not a valid `{tag}`", where=str(place)) from error
    raise _tag_error(node, place)


def _tag_error(node: yaml.Node, place: Place) -> MethodError:
    tag = node.tag.replace(_TAG, "!!")
    return MethodError(
        f"the tag `{tag}` is not allowed", where=str(place), fix="a method is plain data"
    )


def _syntax_error(error: yaml.MarkedYAMLError, place: Place) -> MethodError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    what = f"cannot be read as YAML: {str(error.problem).removeprefix('but ')}"
    if error.context and error.context_mark and error.context_mark.line + 1 != line:
        what += f", {error.context} that starts on line {error.context_mark.line + 1}"
    fix = next((hint for words, hint in _HINTS.items() if words in what), "")
    return MethodError(what, where=str(_at(place, line)), fix=fix)


def _at(place: Place, line: int) -> Place:
    return Place(place.file, line if place.line else 0)
