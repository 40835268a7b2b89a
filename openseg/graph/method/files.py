"""Method files: finding them by name, reading them, and laying variants over what they include."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import openseg
from openseg.graph.method.marks import Marked, Place, parse
from openseg.graph.method.problem import Problem, closest, did_you_mean
from openseg.types.errors import MethodError

MAX_BYTES = 256 * 1024
SUFFIXES = (".yaml", ".yml")


def pipelines_dir() -> Path:
    """Where the shipped methods lie: in the package when installed, beside it in a checkout."""
    package = Path(openseg.__file__).parent
    packaged = package / "pipelines"
    return packaged if packaged.is_dir() else package.parent / "pipelines"


def pipeline_names() -> list[str]:
    """The names of the shipped methods, sorted."""
    return sorted(path.stem for path in pipelines_dir().glob("*.yaml"))


def find_pipeline(name_or_path: str | Path, beside: Path | None = None) -> Path:
    """The file of a method.

    Args:
        name_or_path: A shipped method's name, or a path (it ends in `.yaml` or `.yml`, or has a
            folder in it).
        beside: The folder that a relative path starts from, and whose methods a name finds first;
            by default the working directory, for paths only.

    Raises:
        MethodError: If there is none; suggests the closest one.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith(SUFFIXES) or "/" in text or os.sep in text:
        path = (beside or Path()) / text
        if not _exists(path):
            siblings = [p.name for p in path.parent.glob("*") if p.suffix in SUFFIXES]
            sibling = closest(path.name, siblings)
            match = path.with_name(sibling) if sibling else closest(path.stem, pipeline_names())
            advice = f"did you mean `{match}`?" if match else ""
            raise MethodError(f"there is no file `{path}`", fix=advice)
        return path
    if beside is not None and _exists(beside / f"{text}.yaml"):
        return beside / f"{text}.yaml"
    if text in pipeline_names():
        return pipelines_dir() / f"{text}.yaml"
    near = [p.stem for p in beside.glob("*.yaml")] if beside else []
    advice = did_you_mean(text, {*pipeline_names(), *near}) or "`openseg ls pipelines` lists them"
    raise MethodError(f"there is no method `{text}`", fix=advice)


def read_method(path: Path, problems: list[Problem]) -> Marked:
    """Reads a method and everything it includes into one tree.

    A file's keys are laid over those of the file it includes, mapping by mapping; `key: null`
    removes what the included file says.

    Args:
        path: The method's file.
        problems: Receives faults after which reading can go on.

    Raises:
        MethodError: If a file cannot be read, is not a YAML mapping, or the includes form a cycle.
    """
    chain = [path]
    trees = [_read_file(path, problems)]
    while (include := trees[-1].entries.get("include")) is not None:
        following = _included(include, chain[-1])
        chain.append(following)
        if following.resolve() in [seen.resolve() for seen in chain[:-1]]:
            names = " -> ".join(shown.name for shown in chain)
            raise MethodError(f"the includes form a cycle: {names}", where=str(include.place))
        trees.append(_read_file(following, problems))
    tree = trees.pop()
    for over in reversed(trees):
        unnamed = {key: value for key, value in tree.entries.items() if key != "name"}
        tree = replace(_lay_over(replace(tree, data=unnamed), over), place=over.place)
    return replace(tree, data={k: v for k, v in tree.entries.items() if k != "include"})


def apply_sets(tree: Marked, sets: Sequence[str], problems: list[Problem]) -> Marked:
    """Lays `node.key=value` arguments over a method.

    Args:
        tree: The method.
        sets: The arguments; values are read as YAML.
        problems: Receives the faults; each names its argument.
    """
    for text in sets:
        place = Place(f"--set {text}")
        target, equals, value_text = text.partition("=")
        node, dot, key = target.strip().partition(".")
        nodes = tree.entries.get("nodes")
        if not (equals and dot and key.isidentifier()):
            problems.append(Problem(str(place), "not understood", "write `--set node.key=value`"))
        elif nodes is None or node not in nodes.entries:
            advice = did_you_mean(node, nodes.entries if nodes else [])
            problems.append(Problem(str(place), f"there is no node `{node}`", advice))
        else:
            try:
                value = parse(value_text, place, problems)
            except MethodError as error:
                problems.append(Problem(error.where, error.what, error.fix))
                continue
            for step in (key, node, "nodes"):
                value = Marked({step: value}, place, place)
            tree = _lay_over(tree, value, null_removes=False)
    return tree


def _included(include: Marked, source: Path) -> Path:
    if not isinstance(include.data, str):
        raise MethodError(
            "`include` must be the name or the path of one method", where=str(include.place)
        )
    try:
        path = find_pipeline(include.data, beside=source.parent)
    except MethodError as error:
        raise MethodError(error.what, where=str(include.place), fix=error.fix) from error
    if path.suffix not in SUFFIXES:  # a method from a stranger must not show other files' text
        raise MethodError(f"`{include.data}` is not a .yaml file", where=str(include.place))
    return path


def _read_file(path: Path, problems: list[Problem]) -> Marked:
    file = _shown(path)
    try:
        if not path.is_file():
            raise MethodError("is not a file", where=file)
        size = path.stat().st_size
        if size > MAX_BYTES:
            what = f"is {size / 1024:.0f} KB, but a method may have {MAX_BYTES // 1024} KB"
            raise MethodError(what, where=file)
        data = path.read_bytes()
    except OSError as error:
        raise MethodError(f"cannot be read: {error.strerror}", where=file) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"is not UTF-8 text (byte 0x{data[error.start]:02x})"
        raise MethodError(what, where=f"{file}:{line}", fix="save the file as UTF-8") from error
    tree = parse(text, Place(file, 1), problems)
    if tree.data is None:
        raise MethodError("the file is empty", where=f"{file}:1", fix="a method has `nodes:`")
    if not isinstance(tree.data, dict):
        what = "a method is a mapping with `inputs`, `nodes` and `outputs`"
        raise MethodError(what, where=str(tree.place))
    return tree


def _lay_over(base: Marked, over: Marked, *, null_removes: bool = True) -> Marked:
    entries = dict(base.entries)
    for key, value in over.entries.items():
        below = entries.get(key)
        if below is not None and value.data is None and null_removes:
            del entries[key]
        elif below is not None and isinstance(below.data, dict) and isinstance(value.data, dict):
            entries[key] = _lay_over(below, value, null_removes=null_removes)
        else:
            entries[key] = value
    return replace(base, data=entries)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name no file can have
        return False


def _shown(path: Path) -> str:
    absolute = path.resolve()
    return (
        str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(path)
    )
