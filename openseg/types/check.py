"""The one place where the tensors inside edge types are checked.

A wrong shape is answered where the value is made, with the shape that was expected and the one
that came, instead of three stages later by an index error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openseg.types.errors import ShapeError

if TYPE_CHECKING:
    from torch import Tensor

Shape = tuple[int | str, ...]
"""Expected sizes; a string stands for any size, the same string for the same size."""


def check_tensor(value: Tensor, name: str, shape: Shape, dtype: str) -> None:
    """Checks one tensor against a symbolic shape and a dtype.

    Args:
        value: The tensor to check.
        name: How the error names it, for example `Boxes.xyxy`.
        shape: Expected sizes, for example `("n", 4)`.
        dtype: Expected dtype without the `torch.` prefix, for example `float32`.

    Raises:
        ShapeError: If rank, a size or the dtype differs.
    """
    actual = tuple(value.shape)
    sizes: dict[str, int] = {}
    same = len(actual) == len(shape) and all(
        got == (want if isinstance(want, int) else sizes.setdefault(want, got))
        for got, want in zip(actual, shape, strict=True)
    )
    actual_dtype = str(value.dtype).removeprefix("torch.")
    if not same or actual_dtype != dtype:
        wanted = ", ".join(str(size) for size in shape)
        raise ShapeError(f"{name} must be {dtype} [{wanted}], got {actual_dtype} {list(actual)}")


def check_rows(name: str, expected: int, actual: int) -> None:
    """Checks that two aligned columns have the same number of rows.

    Raises:
        ShapeError: If they differ.
    """
    if expected != actual:
        raise ShapeError(f"{name} must have {expected} rows, got {actual}")
