"""What people could say of the objects of a room, as ScanRefer publishes it (Chen et al., 2020)."""

from typing import Any

import numpy as np

from openseg.mini.rooms.formats.sentence_tags import sentence_tags
from openseg.mini.rooms.scan import Scan
from openseg.mini.rooms.scene import Scene
from openseg.mini.rooms.sentences import balanced, sentences

_SENTENCES = 12  # a room
_EACH = 3  # of each construction to choose from
_STREAM = 3  # of a scene's chance, for its sentences


def descriptions(scene: Scene, scan: Scan, name: str) -> list[dict[str, Any]]:
    """Sentences that each mean one object of a room, whoever looks from wherever.

    Args:
        scene: The room.
        scan: Its mesh; what has no vertex in it is not asked for.
        name: Its name.

    Returns:
        ScanRefer's entries; `tags` are ours.
    """
    rng = np.random.default_rng([scene.seed, _STREAM])
    there = set(np.unique(scan.instances).tolist())
    pool = [
        one
        for one in sentences(scene, None, rng, _EACH)
        if one.part is None and len(one.target_ids) == 1 and there.issuperset(one.target_ids)
    ]
    return [
        {
            "scene_id": name,
            "object_id": str(one.target_ids[0] - 1),
            "object_name": scene.thing(one.target_ids[0]).category.replace(" ", "_"),
            "ann_id": str(number),
            "description": one.text,
            "token": one.text.split(),
            "tags": sentence_tags(one),
        }
        for number, one in enumerate(balanced(pool, rng, _SENTENCES))
    ]
