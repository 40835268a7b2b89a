"""`ScanRefer_filtered_<split>.json`: who said what of which object of which scan."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from openseg.types.errors import InputError
from openseg_evals.formats.files import need, need_list, need_text, read_json

_SCENE = re.compile(r"\w[\w.-]{0,99}", re.ASCII)
_NUMBER = re.compile("[0-9]{1,9}")


class Referral(NamedTuple):
    """A sentence.

    Attributes:
        scene: Name of the scan.
        object: `objectId` of the object in the scan's aggregation, as text.
        ann: Number of the sentence, as text; scan, object and this name it.
        name: What the annotators call the object, words joined by spaces.
        text: The sentence.
    """

    scene: str
    object: str
    ann: str
    name: str
    text: str

    @property
    def key(self) -> dict[str, str]:
        """Its ids as official files name them."""
        return {"scene_id": self.scene, "object_id": self.object, "ann_id": self.ann}


def read_referrals(path: Path) -> list[Referral]:
    """Reads sentences.

    Args:
        path: The file.

    Returns:
        Every sentence in the order of the file, but those of a scan next to each other.

    Raises:
        InputError: If it is missing or broken, or names a sentence twice.
    """
    entries = need_list(read_json(path), "the file", str(path))
    found: dict[tuple[str, str, str], Referral] = {}
    for number, entry in enumerate(entries):
        where = f"{path} entry {number}"
        one = _referral(entry, where)
        if one[:3] in found:
            what = f"sentence {one.ann} of object {one.object} of {one.scene} occurs a second time"
            raise InputError(what, where=where, fix="keep one of them")
        found[one[:3]] = one
    place = {scene: row for row, scene in enumerate(dict.fromkeys(key[0] for key in found))}
    return sorted(found.values(), key=lambda one: place[one.scene])


def _referral(entry: Any, where: str) -> Referral:
    scene = need_text(entry, "scene_id", where)
    if not _SCENE.fullmatch(scene):
        raise InputError(f"scene_id is {scene!r}", where=where, fix="write a scan's name")
    text = need(entry, "description", where)
    if not isinstance(text, str) or not text.strip():
        raise InputError("description has no words", where=where, fix="copy the file again")
    name = need_text(entry, "object_name", where).replace("_", " ")
    return Referral(scene, _id(entry, "object_id", where), _id(entry, "ann_id", where), name, text)


def _id(entry: Any, key: str, where: str) -> str:
    text = need_text(entry, key, where)
    if not _NUMBER.fullmatch(text):
        raise InputError(f"{key} is {text!r}", where=where, fix='write a number as text, as "34"')
    return text
