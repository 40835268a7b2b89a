"""Stills with sentences, as RefCOCO and gRefCOCO publish theirs: refs and instances.

Masks are lists of one run-length encoding each, which official readers take besides polygons and
which is exact. Each sentence has `tags`: its construction, what in it training never heard, and
whether it means none, one or several.
"""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np

from openseg.mini.rooms.formats.encode import dumps, png
from openseg.mini.rooms.formats.ledger import Files
from openseg.mini.rooms.formats.making import Format
from openseg.mini.rooms.formats.order import Order
from openseg.mini.rooms.formats.sentence_tags import sentence_tags
from openseg.mini.rooms.formats.stills.annotate import (
    Annotation,
    check_size,
    draw_still,
    image_entries,
    numbered,
    part_annotations,
    part_categories,
    thing_annotations,
    thing_categories,
)
from openseg.mini.rooms.layout.still import SIDE
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scene import Scene
from openseg.mini.rooms.sentences import Sentence, balanced, sentences, sight_of

Choose = Callable[[Sequence[Sentence], np.random.Generator], list[Sentence]]
Annotate = Callable[[Scene, View], list[Annotation]]

_PROTOCOL = 2  # what RefCOCO's own files are written in
_STREAM = 3  # of a scene's chance, for its sentences
_EACH = 3  # sentences of each construction to choose from
_NO_TARGET = -1  # how gRefCOCO says it


@dataclass(frozen=True)
class Asked:
    """What sentences of a format are about.

    Attributes:
        choose: Draws a still's sentences from all that were made.
        annotate: Annotates what they can mean.
        categories: COCO's `categories` of that.
    """

    choose: Choose
    annotate: Annotate
    categories: Callable[[], list[dict[str, Any]]]


@dataclass(frozen=True)
class ReferStill:
    """A still with sentences to be written."""

    order: Order
    index: int
    asked: Asked

    @property
    def name(self) -> str:
        """Its number."""
        return f"{self.index:06d}"

    def write(self, renderer: Renderer, files: Files) -> dict[str, Any]:
        """Renders it and writes its picture; see `Piece.write`.

        Returns:
            Its annotations and sentences.
        """
        scene, view = draw_still(self.order, self.index, renderer)
        files.write(f"images/{self.name}.png", png(view.image))
        rng = np.random.default_rng([scene.seed, _STREAM])
        made = sentences(scene, sight_of(scene, view), rng, _EACH)
        return {
            "annotations": self.asked.annotate(scene, view),
            "sentences": [
                {
                    "text": one.text,
                    "things": list(one.target_ids),
                    "part": one.part,
                    "tags": sentence_tags(one),
                }
                for one in self.asked.choose(made, rng)
            ],
        }


def _one(found: Sequence[Sentence], rng: np.random.Generator) -> list[Sentence]:
    """At most six sentences, each for one thing."""
    return balanced([s for s in found if s.part is None and len(s.target_ids) == 1], rng, 6)


def _any(found: Sequence[Sentence], rng: np.random.Generator) -> list[Sentence]:
    """At most four sentences for one thing, three for several, three for none."""
    whole = [s for s in found if s.part is None]
    kinds = (
        ([s for s in whole if len(s.target_ids) == 1], 4),
        ([s for s in whole if len(s.target_ids) > 1], 3),
        ([s for s in whole if not s.target_ids], 3),
    )
    return [s for pool, most in kinds for s in balanced(pool, rng, most)]


def _parts(found: Sequence[Sentence], rng: np.random.Generator) -> list[Sentence]:
    """At most six sentences, each for a part of one thing."""
    return balanced([s for s in found if s.part is not None and len(s.target_ids) == 1], rng, 6)


_THING = Asked(_one, thing_annotations, thing_categories)
_THINGS = Asked(_any, thing_annotations, thing_categories)
_PART = Asked(_parts, part_annotations, part_categories)


@dataclass(frozen=True)
class _Pieces:
    asked: Asked

    def __call__(self, order: Order) -> list[ReferStill]:
        check_size(order)
        return [ReferStill(order, index, self.asked) for index in range(order.n)]


def _write_instances(
    order: Order, stills: Sequence[dict[str, Any]], asked: Asked, files: Files
) -> list[dict[tuple[int, str | None], Annotation]]:
    """Writes `instances.json`; returns each still's annotations by thing and part."""
    annotations = numbered([one["annotations"] for one in stills])
    content = {
        "images": image_entries(order, [f"{k:06d}.png" for k in range(order.n)]),
        "annotations": [
            {**one, "segmentation": [one["segmentation"]]}
            for one in chain.from_iterable(annotations)
        ],
        "categories": asked.categories(),
    }
    files.write("instances.json", dumps(content))
    return [{(a["thing"], a.get("part")): a for a in still} for still in annotations]


def _refs(asked: Asked) -> Callable[[Order, Sequence[dict[str, Any]], Files], None]:
    """Writes `refs(unc).p`: each target is one referral with all its sentences."""

    def gather(order: Order, stills: Sequence[dict[str, Any]], files: Files) -> None:
        targets = _write_instances(order, stills, asked, files)
        refs: list[dict[str, Any]] = []
        sent_ids = count()
        for image_id, still in enumerate(stills):
            by_target: dict[int, list[dict[str, Any]]] = {}
            annotation_of: dict[int, Annotation] = {}
            for sentence in still["sentences"]:
                found = targets[image_id][sentence["things"][0], sentence["part"]]
                annotation_of[found["id"]] = found
                by_target.setdefault(found["id"], []).append(sentence)
            for ann_id, asking in sorted(by_target.items()):
                category = annotation_of[ann_id]["category_id"]
                refs.append(
                    _referral(order, len(refs), image_id, asking, sent_ids)
                    | {"ann_id": ann_id, "category_id": category}
                )
        files.write("refs(unc).p", pickle.dumps(refs, protocol=_PROTOCOL))

    return gather


def _grefs(order: Order, stills: Sequence[dict[str, Any]], files: Files) -> None:
    """Writes `grefs(unc).json`: each sentence is a referral."""
    targets = _write_instances(order, stills, _THINGS, files)
    refs: list[dict[str, Any]] = []
    sent_ids = count()
    for image_id, still in enumerate(stills):
        for sentence in still["sentences"]:
            found = [targets[image_id][thing, None] for thing in sentence["things"]]
            refs.append(
                _referral(order, len(refs), image_id, [sentence], sent_ids)
                | {
                    "ann_id": [one["id"] for one in found] or [_NO_TARGET],
                    "category_id": [one["category_id"] for one in found] or [_NO_TARGET],
                }
            )
    files.write("grefs(unc).json", dumps(refs))


def _referral(
    order: Order,
    ref_id: int,
    image_id: int,
    asking: Sequence[dict[str, Any]],
    sent_ids: "count[int]",
) -> dict[str, Any]:
    found = [
        {
            "sent_id": next(sent_ids),
            "raw": one["text"],
            "sent": one["text"],
            "tokens": one["text"].split(),
            "tags": one["tags"],
        }
        for one in asking
    ]
    return {
        "ref_id": ref_id,
        "image_id": image_id,
        "file_name": f"{image_id:06d}.png",
        "split": order.split,
        "sent_ids": [one["sent_id"] for one in found],
        "sentences": found,
    }


REFCOCO = Format("RefCOCO: sentences for one thing", (SIDE, SIDE), _Pieces(_THING), _refs(_THING))
"""Stills with `images/`, `instances.json` and `refs(unc).p`."""

GREFCOCO = Format("gRefCOCO: for one, several, none", (SIDE, SIDE), _Pieces(_THINGS), _grefs)
"""Stills with `images/`, `instances.json` and `grefs(unc).json`."""

PARTS = Format("RefCOCO: sentences for parts", (SIDE, SIDE), _Pieces(_PART), _refs(_PART))
"""Stills as in `REFCOCO`; instances are parts of things, and every sentence means one of them."""
