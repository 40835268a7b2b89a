"""Words, pictures and drawings as one query: any of them, and their sum."""

from __future__ import annotations

import torch
from torch.nn.functional import normalize

from openseg.stages.query.compose import ComposeQuery
from openseg.types import RegionEmbeddings, TextEmbeddings, TextQuery
from tests.stages.values import query_of, unit

NO_QUERY, NO_TEXT, NO_REGION = (
    TextQuery("", ()),
    TextEmbeddings(torch.zeros(0, 8)),
    RegionEmbeddings(torch.zeros(0, 8)),
)
WORDS, PICTURES, DRAWN = unit(2, 8, 0), unit(3, 8, 1), unit(1, 8, 2)


def compose(config=ComposeQuery.Config(), **given):  # noqa: B008 (frozen)
    """Texts asked for and their vectors."""
    empty = {
        "query": NO_QUERY, "words": NO_TEXT, "things": NO_QUERY, "pictures": NO_TEXT,
        "drawn": NO_REGION,
    }  # fmt: skip
    ports = {name: [value] for name, value in (empty | given).items()}
    [vectors], [query] = ComposeQuery(config).run(**ports)
    return [phrase.text for phrase in query.phrases], vectors.vectors


def test_each_kind_alone_is_the_query():
    asked, vectors = compose(query=query_of("cup", "hat"), words=TextEmbeddings(WORDS))
    assert asked == ["cup", "hat"]
    torch.testing.assert_close(vectors, WORDS)
    asked, vectors = compose(drawn=RegionEmbeddings(DRAWN))
    assert asked == [""]
    torch.testing.assert_close(vectors, DRAWN)
    shown = query_of("mug|mug", "vase")  # two pictures of one thing
    asked, vectors = compose(things=shown, pictures=TextEmbeddings(PICTURES))
    assert asked == ["mug", "vase"]
    torch.testing.assert_close(vectors[0], normalize(PICTURES[:2].sum(dim=0), dim=0))
    torch.testing.assert_close(vectors[1], PICTURES[2])


def test_all_kinds_add_up_by_their_weights():
    query = query_of("cup", "hat")
    shown = TextQuery("hat", query.phrases[1:])
    asked, vectors = compose(
        ComposeQuery.Config(picture_weight=0.5, drawn_weight=2),
        query=query,
        words=TextEmbeddings(WORDS),
        things=shown,
        pictures=TextEmbeddings(PICTURES[:1]),
        drawn=RegionEmbeddings(DRAWN),
    )
    assert asked == ["cup", "hat"]
    torch.testing.assert_close(vectors[0], normalize(WORDS[0] + 2 * DRAWN[0], dim=0))
    hat = WORDS[1] + 0.5 * PICTURES[0] + 2 * DRAWN[0]
    torch.testing.assert_close(vectors[1], normalize(hat, dim=0))


def test_what_a_method_does_not_connect_counts_as_missing():
    [vectors], [query] = ComposeQuery(ComposeQuery.Config()).run(drawn=[RegionEmbeddings(DRAWN)])
    torch.testing.assert_close(vectors.vectors, DRAWN)
    assert len(query.phrases) == 1


def test_nothing_known_is_one_thing_with_a_zero_vector():
    asked, vectors = compose()
    assert asked == [""]
    assert not vectors.any()
