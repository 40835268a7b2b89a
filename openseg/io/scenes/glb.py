"""glTF 2.0 in one binary file (Khronos, ISO/IEC 12113): named sets of coloured points.

Written by hand: a JSON header and a block of numbers is all that points need.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.io.files import write_atomic

_MAGIC, _VERSION = 0x46546C67, 2
_JSON_CHUNK, _BIN_CHUNK = 0x4E4F534A, 0x004E4942
_FLOAT, _UNSIGNED_BYTE = 5126, 5121
_POINTS = 0
_ARRAY_BUFFER = 34962


@dataclass(frozen=True, eq=False)
class PointSet:
    """Points that belong together; a node of the file.

    Attributes:
        name: What viewers call it.
        positions: float32 `[n, 3]`, metres; at least one point.
        colors: uint8 `[n, 3]`.
        extras: Further facts, plain data.
    """

    name: str
    positions: NDArray[np.float32]
    colors: NDArray[np.uint8]
    extras: Mapping[str, Any] = field(default_factory=dict)


def write_glb(path: str | Path, sets: Sequence[PointSet], up: NDArray[np.float64]) -> None:
    """Writes sets of points in one step.

    Args:
        path: The file, `.glb`.
        sets: What it shall hold.
        up: The direction up in their world, float64 `[3]`, unit length: glTF's is y.

    Raises:
        OpensegError: If it cannot be written.
    """
    blocks: list[bytes] = []
    views: list[dict[str, Any]] = []
    accessors: list[dict[str, Any]] = []
    start = 0
    for one in sets:
        opaque = np.full((len(one.colors), 1), 255, dtype=np.uint8)
        positions = np.ascontiguousarray(one.positions, dtype="<f4")
        bounds = {"min": positions.min(axis=0).tolist(), "max": positions.max(axis=0).tolist()}
        # Four bytes a colour: every number of a vertex must begin at a multiple of four.
        colors = np.hstack([one.colors, opaque])
        for values, kind in (
            (positions, {"componentType": _FLOAT, "type": "VEC3", **bounds}),
            (colors, {"componentType": _UNSIGNED_BYTE, "type": "VEC4", "normalized": True}),
        ):
            data = values.tobytes()
            accessors.append({"bufferView": len(views), "count": len(values), **kind})
            views.append(
                {
                    "buffer": 0,
                    "byteOffset": start,
                    "byteLength": len(data),
                    "target": _ARRAY_BUFFER,
                }
            )
            blocks.append(data)
            start += len(data)
    header = {
        "asset": {"version": "2.0", "generator": "openseg"},
        "scene": 0,
        "scenes": [{"nodes": [len(sets)]}],
        "nodes": [
            *({"name": one.name, "mesh": i, "extras": one.extras} for i, one in enumerate(sets)),
            {"name": "scene", "rotation": _to_y(up), "children": list(range(len(sets)))},
        ],
        "meshes": [
            {
                "name": one.name,
                "primitives": [
                    {"attributes": {"POSITION": 2 * i, "COLOR_0": 2 * i + 1}, "mode": _POINTS}
                ],
            }
            for i, one in enumerate(sets)
        ],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": start}],
    }
    write_atomic(path, _file(json.dumps(header, ensure_ascii=False).encode(), b"".join(blocks)))


def _to_y(up: NDArray[np.float64]) -> list[float]:
    """The shortest turn of a direction to y, as a quaternion x, y, z, w."""
    y = np.array([0.0, 1.0, 0.0])
    cosine = float(up @ y)
    if cosine < -1 + 1e-9:
        return [1.0, 0.0, 0.0, 0.0]
    turn = np.append(np.cross(up, y), 1 + cosine)
    unit: list[float] = (turn / np.linalg.norm(turn)).tolist()
    return unit


def _file(header: bytes, data: bytes) -> bytes:
    header += b" " * (-len(header) % 4)
    data += b"\0" * (-len(data) % 4)
    chunks = struct.pack("<II", len(header), _JSON_CHUNK) + header
    chunks += struct.pack("<II", len(data), _BIN_CHUNK) + data
    return struct.pack("<III", _MAGIC, _VERSION, 12 + len(chunks)) + chunks
