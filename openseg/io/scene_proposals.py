"""Objects that a 3D network found before, from the files such programs leave.

ScanNet's list (`scene.txt`: mask file, label, confidence; Mask3D exports it), and torch or numpy
files with masks `[points, objects]` and scores (OpenMask3D, Open-YOLO 3D). Labels are ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from openseg.types import Instances3D
from openseg.types.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

FORMATS = ("a ScanNet list (.txt)", "masks [points, objects] and scores (.npz, .pt)")


def read_proposals(path: str | Path, total: int) -> Instances3D:
    """Reads one scene's objects.

    Args:
        path: The file.
        total: Points of the scene's cloud.

    Returns:
        The objects in the order of the file, without phrases.

    Raises:
        InputError: If the file is missing, damaged, or made on another cloud.
    """
    path = Path(path)
    readers: dict[str, Callable[[Path], tuple[Tensor, Tensor]]] = {
        ".txt": _read_list,
        ".npz": _read_numpy,
        ".pt": _read_torch,
    }
    if path.suffix not in readers:
        raise InputError(
            "is not a file of proposals", where=str(path), fix=f"give {' or '.join(FORMATS)}"
        )
    if not path.is_file():
        raise InputError("no such file", where=str(path), fix="give the proposals of this scene")
    try:
        masks, scores = readers[path.suffix](path)
    except InputError:
        raise
    except Exception as error:
        fix = f"give {' or '.join(FORMATS)}"
        raise InputError(f"cannot be read: {error}", where=str(path), fix=fix) from error
    if masks.ndim != 2 or scores.shape != masks.shape[1:]:
        what = f"masks {list(masks.shape)} and scores {list(scores.shape)} do not fit together"
        raise InputError(
            what, where=str(path), fix="store masks [points, objects], scores [objects]"
        )
    if len(masks) != total and masks.shape[1]:
        raise InputError(
            f"speaks of {len(masks)} points, the cloud has {total}",
            where=str(path),
            fix="use the cloud that the proposals were made on",
        )
    return Instances3D.from_masks(masks.T.reshape(-1, total), scores)


def _read_list(path: Path) -> tuple[Tensor, Tensor]:
    import numpy as np
    import torch

    masks, scores = [], []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        fields = line.split()
        if len(fields) != 3:
            raise InputError(
                "a line has a mask file, a label and a confidence",
                where=f"{path}:{number}",
                fix="write them with single spaces",
            )
        file = path.parent / fields[0]
        if not file.resolve().is_relative_to(path.parent.resolve()):
            raise InputError(
                f"{fields[0]} lies outside the folder", where=f"{path}:{number}", fix="move it in"
            )
        masks.append(np.loadtxt(file, dtype=np.int64, ndmin=1) != 0)
        scores.append(float(fields[2]))
    stacked = np.stack(masks, axis=1) if masks else np.zeros((0, 0), dtype=np.bool_)
    return torch.from_numpy(stacked), torch.tensor(scores, dtype=torch.float32)


def _read_numpy(path: Path) -> tuple[Tensor, Tensor]:
    import numpy as np
    import torch

    with np.load(path, allow_pickle=False) as stored:
        masks = torch.from_numpy(stored["masks"] != 0)
        found = stored.get("scores")
    scores = torch.ones(masks.shape[1]) if found is None else torch.from_numpy(found).float()
    return masks, scores


def _read_torch(path: Path) -> tuple[Tensor, Tensor]:
    import torch

    stored = torch.load(path, map_location="cpu", weights_only=True)
    masks, scores = stored if isinstance(stored, list | tuple) else (stored, None)
    masks = torch.as_tensor(masks) != 0
    return masks, torch.ones(masks.shape[1]) if scores is None else torch.as_tensor(scores).float()
