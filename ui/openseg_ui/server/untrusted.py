"""Methods written in a browser: bounded, with stages and models that are installed, no paths.

The engine's own loader never runs code from YAML; what is added here are limits that the author of
a file on this machine does not need.
"""

from __future__ import annotations

import base64
import binascii
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from openseg.graph.graph import Graph, Node
from openseg.graph.loader import Problem, check, load, pipeline_names
from openseg.graph.method.marks import Marked, Place, parse
from openseg.graph.models import ModelProvider
from openseg.models.store import ModelStore
from openseg.types.errors import MethodError, OpensegError

FILE = "method.yaml"
MAX_CHARACTERS = 20_000
MAX_NODES = 40
MAX_NUMBER = 200_000
"""The largest number a setting may have."""

_FILE = re.compile(r"\.ya?ml\b|^[\\/~.]|^[A-Za-z]:[\\/]|^\S*[\\/]\S*$", re.IGNORECASE)
"""Texts that stages could take for a file of the server, such as a prompt of the user's own."""

MORE, ENOUGH = 2, 64
"""A count may be so many times its default, or this: counts decide how much time and memory a run
takes, and a run of one browser keeps all others waiting."""


def check_text(text: str, models: ModelProvider) -> list[Problem]:
    """All faults of a method from a browser; `where` is a line of the text."""
    if problems := _limits(text):
        return problems
    with tempfile.TemporaryDirectory(prefix="openseg-") as folder:
        path = _written(folder, text)
        if problems := [_shown(one) for one in check(path, models)]:
            return problems
        return [_placed(one, text) for one in excess(load(path, models))]


def load_text(text: str, models: ModelProvider) -> Graph:
    """The graph of a method from a browser.

    Raises:
        MethodError: For its first fault.
    """
    if problems := check_text(text, models):
        raise problems[0].error()
    with tempfile.TemporaryDirectory(prefix="openseg-") as folder:
        return load(_written(folder, text), models)


def most_of(node: Node, name: str) -> int | None:
    """The largest value of a whole-number setting that a browser may ask for; None for others."""
    value, field = getattr(node.config, name), type(node.config).model_fields[name]
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    usual = field.default if isinstance(field.default, int) else 0
    return max(MORE * usual, ENOUGH, *shipped_counts().get((node.stage.name, name), ()))


@cache
def shipped_counts() -> Mapping[tuple[str, str], list[int]]:
    """Whole-number settings of the shipped methods, by stage and name: these may be asked for."""
    found: dict[tuple[str, str], list[int]] = {}
    for method in pipeline_names():
        try:
            graph = load(method, ModelStore())
        except OpensegError:  # it cannot be run here, so that its settings do not matter
            continue
        for node in graph.nodes.values():
            for name in type(node.config).model_fields:
                value = getattr(node.config, name)
                if isinstance(value, int):
                    found.setdefault((node.stage.name, name), []).append(value)
    return found


def excess(graph: Graph) -> Iterator[Problem]:
    """Settings that are larger than a browser may ask for; `where` is `node.key`."""
    for node in graph.nodes.values():
        for name in type(node.config).model_fields:
            most, value = most_of(node, name), getattr(node.config, name)
            if most is not None and value > most:
                what = f"{value} is more than a browser may ask for"
                yield Problem(f"{node.name}.{name}", what, f"at most {most}")


def line_of(problem: Problem) -> int | None:
    """The line of the text that is at fault, if it is one."""
    name, _, line = problem.where.rpartition(":")
    return int(line) if name == FILE and line.isdecimal() else None


def packed(text: str) -> str:
    """A text as it stands in an address."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpacked(code: str) -> str:
    """The text of an address.

    Raises:
        MethodError: If it is none, or too long.
    """
    try:
        data = base64.urlsafe_b64decode(code[:MAX_CHARACTERS] + "=" * (-len(code) % 4))
        reader = zlib.decompressobj()
        text = reader.decompress(data, 4 * MAX_CHARACTERS).decode()
        if not reader.eof:
            raise ValueError("cut off, or too long")  # noqa: TRY301 (all faults are told alike)
    except (ValueError, binascii.Error, zlib.error) as error:
        raise MethodError("the address holds no method", fix="copy it again") from error
    return text


def _limits(text: str) -> list[Problem]:
    if len(text) > MAX_CHARACTERS:
        return [Problem(FILE, f"a method here has at most {MAX_CHARACTERS} characters")]
    try:
        tree = parse(text, Place(FILE, 1), [])
    except MethodError:
        return []  # the loader says it better
    problems = []
    include = tree.entries.get("include")
    if include is not None and include.data not in pipeline_names():
        fix = f"known: {', '.join(pipeline_names())}"
        problems.append(Problem(str(include.place), "only shipped methods can be included", fix))
    nodes = tree.entries.get("nodes")
    if nodes is not None and len(nodes.entries) > MAX_NODES:
        problems.append(Problem(str(nodes.place), f"a method here has at most {MAX_NODES} nodes"))
    for node in nodes.entries.values() if nodes is not None else []:
        for one in _leaves(node):
            if isinstance(one.data, str) and names_file(one.data):
                what = f"'{one.data[:60]}' could be a file of the server"
                problems.append(Problem(str(one.place), what, "use names of what is shipped"))
            elif isinstance(one.data, (int, float)) and abs(one.data) > MAX_NUMBER:
                what = f"{one.data} is more than methods from a browser may ask for"
                problems.append(Problem(str(one.place), what, f"at most {MAX_NUMBER}"))
    return problems


def names_file(text: str) -> bool:
    """Whether a stage could take a setting for a file."""
    return _FILE.search(text.strip()) is not None


def _placed(problem: Problem, text: str) -> Problem:
    """The same at the line of the text where the setting `node.key` stands, if it does."""
    value = parse(text, Place(FILE, 1), [])
    for name in ("nodes", *problem.where.split(".", 1)):
        value = value.entries.get(name, value)
    return Problem(str(value.place), f"{problem.where}: {problem.what}", problem.fix)


def _leaves(value: Marked) -> list[Marked]:
    """Everything in a value that is neither a list nor a mapping."""
    inner: Any = value.data
    if isinstance(inner, dict):
        return [found for one in inner.values() for found in _leaves(one)]
    if isinstance(inner, list):
        return [found for one in inner for found in _leaves(one)]
    return [value]


def _written(folder: str, text: str) -> Path:
    path = Path(folder) / FILE
    path.write_text(text, "utf-8")
    return path


def _shown(problem: Problem) -> Problem:
    """The same without the folder the text was checked in."""
    name, colon, line = problem.where.rpartition(":")
    if colon and Path(name).name == FILE:
        return Problem(f"{FILE}:{line}", problem.what, problem.fix)
    return problem
