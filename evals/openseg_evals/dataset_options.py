"""The named choices a data set's loader offers: their values, their defaults, what they decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from openseg.types.errors import UserError


@dataclass(frozen=True)
class Option:
    """A named choice of a loader.

    Attributes:
        default: What is chosen if the user says nothing.
        about: What it decides.
        choices: The values there are; none if any text will do.
    """

    default: str
    about: str
    choices: tuple[str, ...] = ()


def resolve_options(
    dataset: str, options: Mapping[str, Option], chosen: Mapping[str, str]
) -> dict[str, str]:
    """The value of every option of a loader.

    Args:
        dataset: The loader's name, for errors.
        options: What it offers.
        chosen: What the user chose.

    Returns:
        The user's choices over the defaults.

    Raises:
        UserError: If an option or a value does not exist.
    """
    for key, value in chosen.items():
        if key not in options:
            near = get_close_matches(key, options, n=1)
            there = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(options)}"
            raise UserError(f"has no option {key!r}", where=f"data set {dataset}", fix=there)
        choices = options[key].choices
        if choices and value not in choices:
            fix = f"choose {' or '.join(choices)}"
            raise UserError(f"{key}={value} does not exist", where=f"data set {dataset}", fix=fix)
    return {key: chosen.get(key, one.default) for key, one in options.items()}
