"""The recipe trains, ships a folder that loads and can be resumed; the shipped parser is good."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from openseg.mini.measures.parser import tree_scores
from openseg.mini.recipes.parser import train as recipe
from openseg.mini.recipes.parser.batches import Batches, as_arrays, collate, parse_loss
from openseg.mini.recipes.parser.gold import english, room_sentences
from openseg.models.adapters.parser.network import NetworkConfig, ParserNetwork
from openseg.models.store import ModelStore
from openseg.types.parse import ROLES
from tests.mini.recipes.parser.natural import NATURAL


@pytest.mark.slow
def test_a_short_training_learns_and_can_be_resumed(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "VALIDATION", 4)
    plan = replace(recipe.PLAN, steps=60, warmup=5, ema=0.8)
    scores = recipe.train(tmp_path, plan, scenes=15)
    assert scores["rooms: head"] > 0.6
    assert (tmp_path / "model" / "model.safetensors").stat().st_size < 1e6
    assert (tmp_path / "loss.png").exists()
    start = tmp_path / "model"
    assert recipe.train(tmp_path, plan, scenes=15, resume=True, start=start) == {}


def test_a_batch_hides_words_and_is_the_same_for_the_same_step():
    phrases = english(50, seed=0)
    batches = Batches([phrases, phrases], 4096, 16, seed=0)
    one, two, other = batches(3), batches(3), batches(4)
    assert len(one.lengths) == 16
    assert torch.equal(one.features, two.features)
    assert not (one.features.shape == other.features.shape and torch.equal(one.heads, other.heads))
    words = torch.arange(one.heads.shape[1]) < one.lengths[:, None]
    assert 0.3 < (one.features[..., 0][words] == 0).float().mean() < 0.7


def test_the_loss_of_a_certain_network_is_the_cross_entropy_of_its_scores():
    phrase = english(1, seed=3)[0]
    network = ParserNetwork(NetworkConfig(ROLES)).eval()
    batch = collate([as_arrays(phrase, 4096)])
    losses = parse_loss(network, batch)
    scores = network(batch.features, batch.lengths)
    n = len(phrase.words)
    heads = torch.stack([scores.heads[0, i].log_softmax(-1)[phrase.heads[i] + 1] for i in range(n)])
    roles = torch.stack(
        [
            scores.roles[0, i, phrase.heads[i] + 1].log_softmax(-1)[ROLES.index(phrase.labels[i])]
            for i in range(n)
        ]
    )
    torch.testing.assert_close(losses["loss_head"], -heads.mean())
    torch.testing.assert_close(losses["loss_role"], -roles.mean())


def test_padding_changes_nothing():
    short, long = sorted(english(40, seed=2), key=lambda phrase: len(phrase.words))[::39]
    network = ParserNetwork(NetworkConfig(ROLES)).eval()
    alone = collate([as_arrays(short, 4096)])
    both = collate([as_arrays(short, 4096), as_arrays(long, 4096)])
    n = len(short.words)
    torch.testing.assert_close(
        network(both.features, both.lengths).heads[:1, :n, : n + 1],
        network(alone.features, alone.lengths).heads,
    )


@pytest.mark.parametrize(
    ("phrases", "head", "noun"),
    [
        ([one.gold for one in room_sentences("test_seen", 1000, 6)], 0.99, 0.99),
        ([one.gold for one in room_sentences("test_unseen", 1000, 6)], 0.88, 0.93),
        (list(NATURAL), 0.88, 0.92),
    ],
    ids=["test_seen", "test_unseen", "natural"],
)
def test_the_shipped_parser_reaches_its_floors(phrases, head, noun):
    scores = tree_scores(ModelStore(device="cpu").load("parser"), phrases)
    assert scores["head"].value >= head
    assert scores["noun"].value >= noun
