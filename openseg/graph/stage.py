"""What a stage is: a config, the model roles it needs, and a `run` whose signature is its ports.

Contract of every stage:
- `__init__(self, config, **roles)` is light. Parameters after `config` name model roles; their
  annotations are protocols of `openseg.models.protocols`; the engine hands in loaded adapters.
- `run(self, **ports)` reads its inputs from its parameters and gives a `NamedTuple`. Ports are
  annotated with `Batch[T]`: a list with one value a sample, all ports in the same order. A
  parameter with a default is an optional input.
- No I/O, no printing, no device choice. Zero regions are a normal input. A batch gives what a loop
  over its samples gives. Same inputs and config give the same outputs.
- Output ports are lists of exactly the declared types, and their numbers are finite. A stage that
  draws random numbers seeds a generator of its own for every sample.
- Modules of stages do not import torch when imported (import it inside `run`, or use the lazily
  loaded `openseg.ops`), so that checking a method takes milliseconds.
"""

from __future__ import annotations

import inspect
import typing
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")
Batch = list
"""A port's annotation: `Batch[Boxes]` is one `Boxes` a sample."""


class StageConfig(BaseModel):
    """Base of every stage's `Config`: frozen, unknown keys refused, documented fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stage:
    """Base of every stage; see the module's docstring for the contract."""

    name: ClassVar[str] = ""
    """`role.stage`, set by `openseg.graph.registry.stage`."""

    Config: ClassVar[type[StageConfig]] = StageConfig

    needs_one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of optional inputs of which a method must connect at least one each."""

    config: Any

    def __init__(self, config: Any) -> None:
        self.config = config

    run: ClassVar[Any]


@dataclass(frozen=True)
class Port:
    """One input or output of a stage.

    Attributes:
        name: The port's name.
        kind: The edge type that travels through it.
        required: Whether an input must be connected; true for outputs.
    """

    name: str
    kind: type
    required: bool = True


@dataclass(frozen=True)
class Signature:
    """What the engine needs to know of a stage class.

    Attributes:
        inputs: Input ports by name, in the order of `run`.
        outputs: Output ports by name, in the order of the `NamedTuple`.
        roles: Model roles by name, with the protocol each must fulfil.
    """

    inputs: dict[str, Port]
    outputs: dict[str, Port]
    roles: dict[str, type]


_signatures: dict[type[Stage], Signature] = {}


def signature_of(stage: type[Stage]) -> Signature:
    """Reads a stage class's ports and roles from its annotations.

    Args:
        stage: The stage class.

    Raises:
        TypeError: If `run` or `__init__` is not annotated as the contract asks; this is a mistake
            of the stage's author, not of the method's.
    """
    if stage not in _signatures:
        _signatures[stage] = _read_signature(stage)
    return _signatures[stage]


def _read_signature(stage: type[Stage]) -> Signature:
    nested = dict(vars(stage))  # `Config` and `Outputs` are written inside the class
    hints = typing.get_type_hints(stage.run, localns=nested)
    parameters = list(inspect.signature(stage.run).parameters.values())[1:]
    inputs = {
        p.name: Port(p.name, _element(stage, p.name, hints), p.default is inspect.Parameter.empty)
        for p in parameters
    }
    result = hints.get("return")
    if not (isinstance(result, type) and hasattr(result, "_fields")):
        raise TypeError(f"{stage.__name__}.run must return a NamedTuple, not {result}")
    result_hints = typing.get_type_hints(result)
    outputs = {name: Port(name, _element(stage, name, result_hints)) for name in result._fields}
    init_hints = typing.get_type_hints(stage.__init__, localns=nested)
    init_names = list(inspect.signature(stage.__init__).parameters)[2:]
    return Signature(inputs, outputs, {name: init_hints[name] for name in init_names})


def _element(stage: type[Stage], name: str, hints: dict[str, Any]) -> type:
    """The `T` of a `Batch[T]` annotation; an optional input may be `Batch[T] | None`."""
    hint = hints.get(name)
    options = [option for option in typing.get_args(hint) if option is not type(None)]
    if hint is not None and typing.get_origin(hint) is not list and len(options) == 1:
        hint, options = options[0], list(typing.get_args(options[0]))
    if typing.get_origin(hint) is not list or len(options) != 1:
        raise TypeError(f"{stage.__name__}: port '{name}' must be annotated Batch[T], not {hint}")
    element: type = options[0]
    return element
