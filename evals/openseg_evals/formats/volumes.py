"""Medical label volumes: NIfTI, NumPy archives as MedSAM's, PNG slices; and folders of them.

A volume is an array of labels, 0 being background, with the distance of its voxels in mm along
each axis of the array.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError, MissingExtraError
from openseg_evals.formats.files import sample
from openseg_evals.formats.labels import read_labels

ENDINGS = (".nii.gz", ".nii", ".npz", ".npy", ".png")

MAX_BYTES = 1 << 30
"""The most bytes of a volume: 512 x 512 x 2048 labels of 16 bits."""

_ARCHIVE_KEYS = ("gts", "segs")
_SPACING_KEY = "spacing"
_MM = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}
_SPACING_FIX = "write --set spacing=1,1,3 with mm along each axis of the array"


class Volume(NamedTuple):
    """Labels on a grid.

    Attributes:
        labels: Whole numbers, not negative, `int [h, w]` or `[d, h, w]`.
        spacing: mm along each axis; None if the file does not say.
        affine: Where voxels lie in space, `float64 [4, 4]`; None if the file does not say.
    """

    labels: NDArray[np.integer[Any]]
    spacing: tuple[float, ...] | None = None
    affine: NDArray[np.float64] | None = None


def paired_volumes(
    truth: Path, prediction: Path, missing: str
) -> dict[str, tuple[Path, Path | None]]:
    """Volumes of the same name in two folders; their formats may differ.

    Args:
        truth: Folder of the truth; every volume in it, at any depth, is a case.
        prediction: Folder of the predictions.
        missing: A case without prediction: `error` or `empty`.

    Returns:
        Truth and prediction by case, in order; None where there is no prediction.

    Raises:
        InputError: If a folder is missing or holds no volume, a case lies there twice, a
            prediction has no truth, or a case has no prediction and `missing` is `error`.
    """
    ours, theirs = _cases(truth), _cases(prediction)
    lost, extra = ours.keys() - theirs.keys(), theirs.keys() - ours.keys()
    if lost and missing == "error":
        what = f"{len(lost)} of {len(ours)} predictions are missing: {sample(lost)}"
        fix = f"write one for each of {truth}, with the same name"
        raise InputError(what, where=str(prediction), fix=fix)
    if extra:
        what = f"{len(extra)} predictions have no truth: {sample(extra)}"
        raise InputError(what, where=str(prediction), fix=f"the truth is {truth}; remove them")
    return {case: (ours[case], theirs.get(case)) for case in sorted(ours)}


def read_volume(path: Path) -> Volume:
    """Reads a label volume.

    Args:
        path: NIfTI, `.npy`, `.npz` (one array, or `gts` or `segs`, and perhaps `spacing`) or PNG.

    Returns:
        The labels and what the file says about their grid.

    Raises:
        InputError: If it is missing or broken, has neither two nor three axes, or holds what is
            no label.
        MissingExtraError: If nibabel is needed and not installed.
    """
    ending = _ending(path)
    if ending == ".png":
        return Volume(_as_labels(read_labels(path), path))
    read = _read_nifti if ending.startswith(".nii") else _read_numpy
    values, spacing, affine = read(path)
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim not in (2, 3) or not values.size:
        what = f"has shape {' x '.join(map(str, values.shape))}"
        raise InputError(what, where=str(path), fix="give a label map of two or three axes")
    if spacing is not None:
        spacing = need_spacing(spacing[: values.ndim], values.ndim, str(path))
    return Volume(_as_labels(values, path), spacing, affine)


def need_spacing(values: Sequence[float], axes: int, where: str) -> tuple[float, ...]:
    """The spacing if it fits the axes of an array, else an `InputError`.

    Args:
        values: mm along each axis.
        axes: How many there are.
        where: Its place, for errors.
    """
    if len(values) != axes:
        what = f"spacing has {len(values)} numbers, the array has {axes} axes"
        raise InputError(what, where=where, fix=_SPACING_FIX)
    if not all(np.isfinite(one) and one > 0 for one in values):
        what = f"spacing is {', '.join(f'{one:g}' for one in values)}"
        raise InputError(what, where=where, fix=_SPACING_FIX)
    return tuple(float(one) for one in values)


def need_same_grid(prediction: Volume, truth: Volume, where: Path) -> None:
    """Raises an `InputError` if two volumes differ in size or, as far as files say, in place."""
    if prediction.labels.shape != truth.labels.shape:
        sizes = [" x ".join(map(str, one.labels.shape)) for one in (prediction, truth)]
        fix = "resample the prediction to the truth with nearest neighbour"
        raise InputError(f"is {sizes[0]}, the truth is {sizes[1]}", where=str(where), fix=fix)
    if prediction.affine is None or truth.affine is None:
        return
    if not np.allclose(prediction.affine, truth.affine, rtol=1e-3, atol=1e-2):
        fix = "save it with the truth's affine, or --set spacing=... to go by the arrays alone"
        raise InputError("lies elsewhere in space than the truth", where=str(where), fix=fix)


def _cases(folder: Path) -> dict[str, Path]:
    fix = f"give a folder of {', '.join(ENDINGS)} files"
    if not folder.is_dir():
        raise InputError("no such folder", where=str(folder), fix=fix)
    cases: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        ending = _ending(path)
        if not ending or not path.is_file():
            continue
        case = path.relative_to(folder).as_posix().removesuffix(ending)
        if case in cases:
            what = f"case {case} lies there twice: {cases[case].name}, {path.name}"
            raise InputError(what, where=str(folder), fix="keep one")
        cases[case] = path
    if not cases:
        raise InputError("holds no volume", where=str(folder), fix=fix)
    return cases


def _ending(path: Path) -> str:
    return next((one for one in ENDINGS if path.name.endswith(one)), "")


_Content = tuple[NDArray[Any], Sequence[float] | None, NDArray[np.float64] | None]


def _read_nifti(path: Path) -> _Content:
    try:
        import nibabel
    except ImportError:
        fix = "pip install 'openseg[evals]'"
        raise MissingExtraError("NIfTI files need nibabel", where=str(path), fix=fix) from None
    try:
        image: Any = nibabel.load(path)
        _need_room(math.prod(map(int, image.shape)) * image.get_data_dtype().itemsize, path)
        values = np.asanyarray(image.dataobj)
        unit = _MM[image.header.get_xyzt_units()[0]]
    except InputError:
        raise
    except Exception as error:  # a damaged file can break its reader in any way
        raise _broken(path, error) from error
    spacing = [float(one) * unit for one in image.header.get_zooms()[: values.ndim]]
    return values, spacing[:3], np.asarray(image.affine, dtype=np.float64)


def _read_numpy(path: Path) -> _Content:
    try:
        content = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(content, np.ndarray):
            _need_room(content.nbytes, path)
            return content, None, None
        with content:
            for member in content.zip.infolist():
                _need_room(member.file_size, path)
            key = _archive_key(content.files, path)
            spacing = np.ravel(content[_SPACING_KEY]) if _SPACING_KEY in content.files else None
            return content[key], None if spacing is None else spacing.tolist(), None
    except InputError:
        raise
    except Exception as error:  # a damaged file can break its reader in any way
        raise _broken(path, error) from error


def _need_room(size: int, path: Path) -> None:
    """Refuses what a header or an archive claims to hold before any of it is read."""
    if size > MAX_BYTES:
        what = f"holds {size:,} bytes, more than {MAX_BYTES:,}"
        raise InputError(what, where=str(path), fix="save labels as uint8, or cut the volume")


def _archive_key(keys: list[str], path: Path) -> str:
    arrays = [one for one in keys if one != _SPACING_KEY]
    known = arrays if len(arrays) == 1 else [one for one in arrays if one in _ARCHIVE_KEYS]
    if len(known) != 1:
        what = f"holds the arrays {', '.join(keys) or 'none'}"
        fix = f"name the labels {' or '.join(_ARCHIVE_KEYS)}, or keep nothing else"
        raise InputError(what, where=str(path), fix=fix)
    return known[0]


def _as_labels(values: NDArray[Any], path: Path) -> NDArray[np.integer[Any]]:
    fix = "write whole numbers from 0 to 65535; cut probabilities at a threshold first"
    if values.dtype.kind not in "biuf":
        raise InputError(f"holds {values.dtype}", where=str(path), fix=fix)
    if values.dtype.kind == "f" and not (np.isfinite(values) & (values == np.rint(values))).all():
        odd = values[~(values == np.rint(values))]
        raise InputError(f"holds {odd.flat[0]:g}, not a label", where=str(path), fix=fix)
    if values.min() < 0 or values.max() > np.iinfo(np.uint16).max:
        what = f"holds labels from {values.min():g} to {values.max():g}"
        raise InputError(what, where=str(path), fix=fix)
    return values.astype(np.uint8 if values.max() <= np.iinfo(np.uint8).max else np.int32)


def _broken(path: Path, error: Exception) -> InputError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(f"cannot be read: {reason}", where=str(path), fix="write the file again")
