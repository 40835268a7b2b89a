"""A sentence picks the one of several chairs that stands as it says."""

from __future__ import annotations

import pytest
import torch

from openseg.graph.stage import StageConfig
from openseg.ops.text import parse_query
from openseg.stages.query.named_things import NamedThings
from openseg.stages.select.by_relation import SelectByRelation
from openseg.types import Instances3D, ParsedPhrase, ParsedQuery, ParsedWord, Phrases, PointCloud
from tests.contract.scene_values import _frames

PLACES = {
    "chair by the door": (0.5, 0.5, 0.0),
    "chair by the table": (3.0, 2.4, 0.0),
    "table": (3.0, 1.7, 0.0),
    "cup": (3.1, 1.8, 0.6),
}
NAMES = list(PLACES)


def blob(corner, size):
    random = torch.Generator().manual_seed(0)
    return torch.tensor(corner) + torch.rand(200, 3, generator=random) * torch.tensor(size)


SIZES = [(0.4, 0.4, 0.9), (0.6, 0.6, 1.1), (0.6, 0.6, 0.6), (0.1, 0.1, 0.1)]
POSITIONS = torch.cat([blob(p, s) for p, s in zip(PLACES.values(), SIZES, strict=True)])
CLOUD = PointCloud(POSITIONS, torch.zeros(len(POSITIONS), 3, dtype=torch.uint8))


def parsed(text, words):
    """A tree from (word, head, role) in order."""
    start, found = 0, []
    for word, head, role in words:
        at = text.index(word, start)
        found.append(ParsedWord(at, at + len(word), head, role))
        start = at + len(word)
    return ParsedPhrase(text, tuple(found))


def the(noun, link, landmark):
    """ "the chair next to the table" """
    words = [("the", 1, "det"), (noun, -1, "root")]
    words += [(link, 4, "case"), ("the", 4, "det"), (landmark, 1, "nmod")]
    text = f"the {noun} {link} the {landmark}"
    return text, parsed(text, words)


def referred(text, tree):
    query, trees = parse_query(text), ParsedQuery((tree,))
    things = NamedThings(StageConfig()).run([query], [trees]).things[0]
    rows = torch.arange(4).repeat_interleave(200)
    masks = rows[None] == torch.arange(4)[:, None]
    kinds = [
        next(p for p in things.phrases if n.split()[0] in p.text)
        if any(n.split()[0] in p.text for p in things.phrases)
        else None
        for n in NAMES
    ]
    known = [i for i, kind in enumerate(kinds) if kind is not None]
    objects = Instances3D.from_masks(
        masks[known], torch.ones(len(known)), Phrases(tuple(kinds[i] for i in known))
    )
    ports = [[_frames()], [CLOUD], [objects], [query], [trees], [things]]
    found = SelectByRelation(SelectByRelation.Config()).run(*ports).instances[0]
    assert [phrase.text for phrase in found.phrases.items] == [text] * len(found)
    return [NAMES[int(rows[found.of(row)[0]])] for row in range(len(found))]


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        (the("chair", "near", "table"), "chair by the table"),
        (the("chair", "far from", "table"), "chair by the door"),
        (the("chair", "closest to", "table"), "chair by the table"),
        (the("chair", "right beside", "table"), "chair by the table"),
        (the("cup", "on", "table"), "cup"),
        (the("table", "under", "cup"), "table"),
    ],
)
def test_a_relation_decides(sentence, answer):
    assert referred(*sentence) == [answer]


def test_a_denied_relation_decides_the_other_way():
    text = "the chair not near the table"
    words = [("the", 1, "det"), ("chair", -1, "root"), ("not", 5, "neg"), ("near", 5, "case")]
    tree = parsed(text, [*words, ("the", 5, "det"), ("table", 1, "nmod")])
    assert referred(text, tree) == ["chair by the door"]


def test_things_of_one_kind_are_compared():
    text = "the largest chair"
    tree = parsed(text, [("the", 2, "det"), ("largest", 2, "amod"), ("chair", -1, "root")])
    assert referred(text, tree) == ["chair by the table"]


def test_without_its_landmark_the_thing_itself_is_answered():
    assert referred(*the("cup", "near", "sofa")) == ["cup"]


def test_nothing_of_the_kind_gives_no_answer():
    assert referred(*the("sofa", "near", "table")) == []


def test_named_things_are_the_noun_phrases_with_their_places():
    text, tree = the("chair", "near", "table")
    found = NamedThings(StageConfig()).run([parse_query(text)], [ParsedQuery((tree,))]).things[0]
    assert [(thing.text, thing.class_id) for thing in found.phrases] == [
        ("the chair", 0),
        ("the table", 1),
    ]
    assert all(text[slice(*thing.span)] == thing.text for thing in found.phrases)
