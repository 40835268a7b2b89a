"""Arrays as the bytes of files; the same arrays always give the same bytes."""

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

JPEG_QUALITY = 95

_PLY_TYPES = {"f4": "float", "u1": "uchar", "u2": "ushort", "i4": "int"}


def png(values: npt.NDArray[Any]) -> bytes:
    """A PNG of a colour picture uint8 [h, w, 3], or of a map uint8 or uint16 [h, w]."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(values)).save(buffer, format="png")
    return buffer.getvalue()


def jpeg(image: npt.NDArray[np.uint8]) -> bytes:
    """A JPEG of a colour picture uint8 [h, w, 3]."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="jpeg", quality=JPEG_QUALITY)
    return buffer.getvalue()


def depth_png(metres: npt.NDArray[np.float32], scale: float = 1000.0) -> bytes:
    """A 16-bit PNG of depths [h, w] in units of 1/scale metres; 0 where there is none or too much.

    Args:
        metres: Depths.
        scale: Stored units in a metre.
    """
    stored = np.round(metres.astype(np.float64) * scale)
    return png(np.where(stored > 65535, 0, stored).astype(np.uint16))


def dumps(value: Any) -> bytes:
    """JSON without superfluous space, and a line end."""
    return (json.dumps(value, separators=(",", ":")) + "\n").encode()


def matrix(rows: npt.NDArray[np.float64]) -> bytes:
    """A matrix as text, a line a row, to a thousandth of a millimetre."""
    return "".join(" ".join(f"{v:.6f}" for v in row) + "\n" for row in rows + 0.0).encode()


def lines(values: npt.NDArray[np.integer[Any]]) -> bytes:
    """Whole numbers, one a line."""
    return ("\n".join(map(str, values.tolist())) + "\n").encode()


def ply(
    vertices: Mapping[str, npt.NDArray[Any]],
    faces: npt.NDArray[np.int32],
    of_faces: Mapping[str, npt.NDArray[Any]] | None = None,
) -> bytes:
    """A binary little-endian PLY file of triangles.

    Written here and not by `openseg.io.scenes.ply`, whose clouds are torch tensors: torch brings
    a compiler that cannot share a process with the renderer's.

    Args:
        vertices: Numbers of each vertex by name, [n] of type f4, u1, u2 or i4.
        faces: Triangles, [m, 3].
        of_faces: Numbers of each triangle by name, [m].
    """
    corners: dict[str, npt.NDArray[Any]] = {
        "count": np.full(len(faces), 3, dtype=np.uint8),
        "corners": faces,
    }
    more = of_faces or {}
    head = ["ply", "format binary_little_endian 1.0"]
    head += [f"element vertex {len(next(iter(vertices.values())))}", *_properties(vertices)]
    head += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
    head += [*_properties(more), "end_header", ""]
    return "\n".join(head).encode() + _records(vertices) + _records({**corners, **more})


def _properties(columns: Mapping[str, npt.NDArray[Any]]) -> list[str]:
    return [f"property {_PLY_TYPES[v.dtype.str[1:]]} {name}" for name, v in columns.items()]


def _records(columns: Mapping[str, npt.NDArray[Any]]) -> bytes:
    layout = [(name, v.dtype.newbyteorder("<"), v.shape[1:]) for name, v in columns.items()]
    records = np.empty(len(next(iter(columns.values()))), dtype=layout)
    for name, values in columns.items():
        records[name] = values
    return records.tobytes()
