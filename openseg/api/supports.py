"""From support images with their masks to templates: an image as the query."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from openseg import ops
from openseg.io.images import image_from
from openseg.io.mask_image import mask_from
from openseg.types import Phrase, Template, Templates
from openseg.types.errors import UserError

UNNAMED = "support"
"""What a thing is called that nobody named."""


class Support(NamedTuple):
    """A picture of what is looked for.

    Attributes:
        image: A path, PIL image, array or tensor.
        mask: The same, bright where the thing is.
        name: What it shows; pictures of one name show one thing.
    """

    image: Any
    mask: Any = None
    name: str = ""


def templates_of(supports: Sequence[Sequence[Any]], text: str | None = None) -> Templates | None:
    """Reads support images.

    Args:
        supports: `Support`s, or plain tuples like them.
        text: The words that are asked for too, if any: names are phrases of it then.

    Returns:
        The templates on the CPU, classes in the order of the text or else of their names; None for
        no supports.

    Raises:
        UserError: If a mask is missing or does not fit, or a name is none of the text's phrases.
    """
    if not all(isinstance(one, tuple | list) and 1 <= len(one) <= 3 for one in supports):
        raise UserError("give a list of (image, mask) or (image, mask, name)", where="support")
    given = [Support(*one) for one in supports]
    names = list(dict.fromkeys(one.name or UNNAMED for one in given))
    known = {name: Phrase(name, at, (0, len(name))) for at, name in enumerate(names)}
    if text is not None and given:
        phrases = ops.text.parse_query(text).phrases
        known = {phrase.text: phrase for phrase in phrases}
        if len(known) == 1:  # nothing else can be meant
            known[UNNAMED] = phrases[0]
    items = tuple(_template(one, known, f"support image {i}") for i, one in enumerate(given, 1))
    return Templates(items) if items else None


def _template(support: Support, known: dict[str, Phrase], where: str) -> Template:
    image = image_from(support.image, "" if _names_itself(support.image) else where)
    if support.mask is None:
        raise UserError(
            "a support image needs its mask",
            where=image.name,
            fix="give the mask of the thing in it (--support-mask)",
        )
    mask = mask_from(
        support.mask, image, "" if _names_itself(support.mask) else f"mask of {image.name}"
    )
    phrase = known.get(support.name or UNNAMED)
    if phrase is None:
        names = ", ".join(f"'{name}'" for name in known)
        raise UserError(
            f"the support image shows '{support.name}', which is not asked for"
            if support.name
            else "which of the phrases does the support image show?",
            where=image.name,
            fix=f"name it one of {names} (--support-name)",
        )
    return Template(image, mask, phrase)


def _names_itself(value: Any) -> bool:
    return isinstance(value, str | os.PathLike)
