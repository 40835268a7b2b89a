"""Content addresses: two values with the same address are the same, whoever computed them.

A method's input is addressed by its content. What a node gives is addressed by what made it: the
stage and its code, its settings, its weights, and the addresses of its inputs.
"""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import importlib.util
import inspect
import json
import sys
import uuid
from collections.abc import Iterator, Mapping
from functools import cache, singledispatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from openseg.graph.graph import Node
from openseg.graph.stage import Stage
from openseg.types import Frames, Image
from openseg.types.scenes.frame_files import file_digest

if TYPE_CHECKING:
    from torch import Tensor

SHARED_CODE = ("openseg.ops", "openseg.types")
"""Packages that every stage may compute with: their code is part of every stage's."""


class _Hash(Protocol):
    def update(self, data: Any, /) -> None: ...


@singledispatch
def digest(value: Any) -> str:
    """The address of a value given from outside: sha256 (hex) of its type and content.

    Dataclasses of tensors, plain data and further dataclasses are known; for other types register
    a function with `digest.register`.

    Args:
        value: A value of an edge type.

    Raises:
        TypeError: If the type is neither a dataclass nor registered.
    """
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise TypeError(
            f"{type(value).__qualname__} has no address: make it a dataclass, "
            "or use openseg.graph.address.digest.register"
        )
    state = hashlib.sha256(f"{type(value).__qualname__}\n".encode())
    for field in dataclasses.fields(value):
        state.update(f"{field.name}:".encode())
        _feed(state, getattr(value, field.name))
    return state.hexdigest()


@digest.register
def _(value: Image) -> str:
    return value.digest


@digest.register
def _(value: Frames) -> str:
    # Paths count, since a stored value names them; contents count, since a file may change.
    state = hashlib.sha256(b"Frames\n")
    for field in dataclasses.fields(value):
        _feed(state, getattr(value, field.name))
    for path in (*value.color, *value.depth):
        state.update((file_digest(path) if path else "none").encode())
    return state.hexdigest()


def node_address(definition: str, inputs: Mapping[str, str]) -> str:
    """The address of all that a node gives for one sample.

    Args:
        definition: What `definition_of` gives for the node.
        inputs: The address of the value at each connected input port.
    """
    return _sha256({"definition": definition, "inputs": dict(inputs)})


def value_address(node: str, port: str) -> str:
    """The address of one output of a node.

    Args:
        node: The node's address.
        port: The output port.
    """
    return f"{node}.{port}"


def definition_of(node: Node, fingerprints: Mapping[str, str]) -> str:
    """What a node does, whatever it is given: stage, code, settings, weights.

    Args:
        node: The node; its name does not matter.
        fingerprints: The fingerprint of each model family it uses.
    """
    code = code_version(node.stage)
    return _sha256(
        {
            "stage": node.stage.name,
            "code": code,
            "config": node.config.model_dump(mode="json"),
            "models": {role: fingerprints[family] for role, family in node.models.items()},
        }
    )


_versions: dict[type[Stage], str] = {}


def code_version(stage: type[Stage]) -> str:
    """Sha256 of the code a stage computes with: read once a process.

    That is its module (and those of its base classes), what they import from their own top-level
    package, and all of `openseg.ops` and `openseg.types`. The engine is not part of it, models
    have fingerprints of their own. A stage whose source cannot be found (typed into a console)
    gets a version that no other process shares.
    """
    if stage not in _versions:
        _versions[stage] = _read_code(stage)
    return _versions[stage]


def _read_code(stage: type[Stage]) -> str:
    found: dict[str, bytes] = {}
    for name in {kind.__module__ for kind in stage.__mro__ if kind not in (Stage, object)}:
        _reach(name, found)
    if stage.__module__ not in found:
        found[stage.__module__] = _typed_source(stage)
    state = hashlib.sha256(_shared_code().encode())
    for name in sorted(found):
        state.update(f"\n{name} {len(found[name])}\n".encode())
        state.update(found[name])
    return state.hexdigest()


@cache
def _shared_code() -> str:
    state = hashlib.sha256()
    for package in SHARED_CODE:
        folder = Path(str(importlib.import_module(package).__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            state.update(f"\n{package} {path.relative_to(folder)}\n".encode())
            state.update(path.read_bytes())
    return state.hexdigest()


def _reach(name: str, found: dict[str, bytes]) -> None:
    """Collects the sources of a module and of what it imports from its own package."""
    source = _source(name)
    if source is None or name in found:
        return
    found[name] = source
    root = name.partition(".")[0]
    # Of our own package only stages: ops and types are shared code, the rest does not compute.
    prefix = "openseg.stages." if root == "openseg" else root
    for imported in _imports(ast.parse(source), name):
        if imported.startswith(prefix):
            _reach(imported, found)


def _imports(tree: ast.AST, importer: str) -> Iterator[str]:
    """Full names of all modules a module may import, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = importer.rsplit(".", node.level)[0]
                base = f"{package}.{base}".rstrip(".")
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _source(name: str) -> bytes | None:
    """The source of a module, or None if there is no such module or it is not Python."""
    try:
        loaded = sys.modules.get(name)
        spec = importlib.util.find_spec(name) if loaded is None else None
    except (ImportError, ValueError):
        return None  # `from package.module import name`: a name, not a module
    file = getattr(loaded, "__file__", None) or (spec and spec.origin) or ""
    path = Path(file)
    return path.read_bytes() if path.suffix == ".py" and path.is_file() else None


def _typed_source(stage: type[Stage]) -> bytes:
    try:
        return inspect.getsource(stage).encode()
    except (OSError, TypeError):
        return uuid.uuid4().bytes


def _feed(state: _Hash, value: Any) -> None:
    """Hashes a part of a value, with its type and length, so that no two parts look alike."""
    import torch

    if isinstance(value, torch.Tensor):
        state.update(f"{value.dtype}{list(value.shape)}:".encode())
        state.update(raw_bytes(value))
    elif isinstance(value, list | tuple):
        state.update(f"{len(value)}[".encode())
        for part in value:
            _feed(state, part)
    elif isinstance(value, dict):
        _feed(state, [[name, value[name]] for name in sorted(value)])
    elif isinstance(value, str | int | float | bool | None):
        text = json.dumps(value)
        state.update(f"{len(text)}:{text}".encode())
    else:
        state.update(digest(value).encode())


def raw_bytes(tensor: Tensor) -> memoryview:
    """The elements of a tensor of any device, layout and dtype, row by row, as bytes."""
    import torch

    flat = tensor.detach().cpu().reshape(-1)
    if flat.numel() and flat.stride(0) != 1:  # a slice of one element still has its old stride
        flat = flat.clone(memory_format=torch.contiguous_format)
    return flat.view(torch.uint8).numpy().data if flat.numel() else memoryview(b"")


def _sha256(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
