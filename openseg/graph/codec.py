"""How values on edges are written down: named tensors on one side, JSON on the other.

A dataclass of tensors, plain data and further dataclasses needs nothing: it is taken apart by its
fields and put together by their annotations. A type that is better stored another way (masks, as
packed bits) or is no dataclass registers two functions.
"""

from __future__ import annotations

import dataclasses
import typing
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from openseg.types import Instances3D, Masks, Phrases, Sightings

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")

TENSOR_MARK = "$tensor"
PLAIN = (str, int, float, bool, type(None))


class Encoded(NamedTuple):
    """A value written down.

    Attributes:
        tensors: Its tensors by name, contiguous, on the CPU.
        meta: The rest: what `json` can write, with `{"$tensor": name}` where a tensor was.
    """

    tensors: dict[str, Tensor]
    meta: Any


class _Codec(NamedTuple):
    take_apart: Callable[[Any], Any]
    put_together: Callable[[Any], Any]


_codecs: dict[type, _Codec] = {}


def register(
    kind: type[T], take_apart: Callable[[T], Any], put_together: Callable[[Any], T]
) -> None:
    """Says how values of a type are stored, where the fields of a dataclass are not the best way.

    Args:
        kind: The type.
        take_apart: Gives the value as dicts with string keys, lists, tensors and plain data.
        put_together: Makes an equal value of what `take_apart` gave, with tensors on the CPU.
    """
    _codecs[kind] = _Codec(take_apart, put_together)


def encode(value: Any) -> Encoded:
    """Writes a value down so that `decode` gives an equal one.

    Args:
        value: A dataclass of tensors and plain data, or of a registered type.

    Raises:
        TypeError: If some part of it is neither.
    """
    tensors: dict[str, Tensor] = {}
    return Encoded(tensors, _take_apart(value, "", tensors))


def decode(kind: type[T], encoded: Encoded) -> T:
    """Reads back what `encode` wrote of a value of that type; tensors lie on the CPU."""
    value: T = _put_together(kind, _insert(encoded.meta, encoded.tensors))
    return value


def tensors_in(value: Any, path: str = "") -> Iterator[tuple[str, Tensor]]:
    """Every tensor inside a value, with its path, for example `vectors` or `frames.0.depth`."""
    from torch import Tensor

    if isinstance(value, Tensor):
        yield path, value
        return
    for name, part in _parts(value):
        yield from tensors_in(part, f"{path}.{name}" if path else name)


def to_device(value: T, device: Any) -> T:
    """The value with every tensor on a device; the value itself if they are there already."""
    from torch import Tensor

    if isinstance(value, Tensor):
        return typing.cast("T", value.to(device))
    parts = dict(_parts(value))
    moved = {name: to_device(part, device) for name, part in parts.items()}
    if all(moved[name] is part for name, part in parts.items()):
        return value
    if dataclasses.is_dataclass(value):
        return typing.cast("T", dataclasses.replace(typing.cast("Any", value), **moved))
    rebuilt: Any = moved if isinstance(value, dict) else type(value)(moved.values())  # type: ignore[call-arg]
    return typing.cast("T", rebuilt)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a dataclass, dict, list or tuple by name; none of anything else."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield field.name, getattr(value, field.name)
    elif isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from ((str(i), part) for i, part in enumerate(value))


def _take_apart(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    from torch import Tensor

    codec = _codecs.get(type(value))
    if codec is not None:
        value = codec.take_apart(value)
    if isinstance(value, Tensor):
        tensors[path] = value.detach().cpu().contiguous()
        return {TENSOR_MARK: path}
    if isinstance(value, PLAIN):
        return value
    if not (dataclasses.is_dataclass(value) or isinstance(value, dict | list | tuple)):
        raise TypeError(
            f"{type(value).__qualname__} cannot be stored: make it a dataclass, "
            "or use openseg.graph.codec.register"
        )
    parts = {
        name: _take_apart(part, f"{path}.{name}" if path else name, tensors)
        for name, part in _parts(value)
    }
    return list(parts.values()) if isinstance(value, list | tuple) else parts


def _insert(meta: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(meta, list):
        return [_insert(part, tensors) for part in meta]
    if not isinstance(meta, dict):
        return meta
    if meta.keys() == {TENSOR_MARK}:
        return tensors[meta[TENSOR_MARK]]
    return {name: _insert(part, tensors) for name, part in meta.items()}


def _put_together(hint: Any, plain: Any) -> Any:
    codec = _codecs.get(hint)
    if codec is not None:
        return codec.put_together(plain)
    if dataclasses.is_dataclass(hint):
        hints = _hints(typing.cast("type", hint))
        parts = {name: _put_together(hints[name], part) for name, part in plain.items()}
        return typing.cast("Callable[..., Any]", hint)(**parts)
    args = typing.get_args(hint)
    if type(None) in args:
        (hint,) = (option for option in args if option is not type(None))
        return None if plain is None else _put_together(hint, plain)
    if isinstance(plain, list):
        kinds = args if len(args) > 1 and args[1] is not ... else args[:1] * len(plain)
        items = [_put_together(kind, part) for kind, part in zip(kinds, plain, strict=True)]
        return tuple(items) if typing.get_origin(hint) is tuple else items
    if isinstance(plain, dict):
        return {name: _put_together(args[1], part) for name, part in plain.items()}
    return plain


@cache
def _hints(kind: type) -> dict[str, Any]:
    import torch

    # Edge types import torch for the type checker only.
    return typing.get_type_hints(kind, localns={"Tensor": torch.Tensor, "torch": torch})


def _masks_apart(masks: Masks) -> dict[str, Any]:
    """One bit a pixel, then deflated: one mask in work at a time, however many there are."""
    import numpy as np
    import torch

    packed = [
        zlib.compress(np.packbits(mask.numpy(force=True)).tobytes(), level=1) for mask in masks.data
    ]
    return {
        "shape": list(masks.data.shape),
        "lengths": [len(part) for part in packed],
        "bits": torch.from_numpy(np.frombuffer(bytearray(b"".join(packed)), np.uint8)),
    }


def _masks_together(plain: dict[str, Any]) -> Masks:
    import numpy as np
    import torch

    count, height, width = plain["shape"]
    data = torch.empty((count, height, width), dtype=torch.bool)
    parts = plain["bits"].split(plain["lengths"])
    for mask, part in zip(data, parts if count else (), strict=True):
        bits = np.frombuffer(zlib.decompress(part.numpy().tobytes()), np.uint8)
        unpacked = np.unpackbits(bits, count=height * width).view(np.bool_)
        mask.copy_(torch.from_numpy(unpacked.reshape(height, width)))
    return Masks(data)


def _instances_apart(instances: Instances3D) -> dict[str, Any]:
    """Points as 32-bit numbers: half the size, and no scene has two thousand million."""
    import torch

    names = ("ends", "scores", "total", "phrases", "evidence")
    fields = {name: getattr(instances, name) for name in names}
    return {"points": instances.points.to(torch.int32), **fields}


def _instances_together(plain: dict[str, Any]) -> Instances3D:
    kinds = {"phrases": Phrases | None, "evidence": Sightings | None}
    parts = {name: _put_together(kind, plain[name]) for name, kind in kinds.items()}
    return Instances3D(**{**plain, **parts, "points": plain["points"].long()})


register(Masks, _masks_apart, _masks_together)
register(Instances3D, _instances_apart, _instances_together)
