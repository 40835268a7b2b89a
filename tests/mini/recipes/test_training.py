"""The shared training code: batches, warm starts, resumed runs and shipped files."""

import json

import pytest
import torch
from safetensors import safe_open
from torch import nn
from transformers import BertConfig, BertModel, BertTokenizer

from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.shipping import export
from openseg.mini.recipes.training import Plan, Trainer
from openseg.mini.recipes.warm_start import warm_start
from openseg.types.errors import UserError


def batch(step):
    return torch.full((2,), float(step))


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_change_nothing_but_the_time(workers):
    feed = Feed(batch, workers)
    assert [float(feed(step)[0]) for step in (3, 4, 5)] == [3.0, 4.0, 5.0]
    assert float(feed(9)[0]) == 9.0


def test_a_resumed_run_is_the_run_it_resumes(tmp_path):
    def run(out, steps, resume):
        torch.manual_seed(0)
        model = nn.Linear(2, 1)
        plan = Plan(6, learning_rate=0.1, warmup=2, report_minutes=1e9)
        trainer = Trainer(model, plan, out, resume=resume)
        while trainer.step < steps:
            trainer.train_step(lambda step: {"loss": model(batch(step)).square().sum()})
        trainer._save()
        return trainer.average.state_dict()

    whole = run(tmp_path / "a", 6, resume=False)
    run(tmp_path / "b", 3, resume=False)
    halves = run(tmp_path / "b", 6, resume=True)
    assert all(torch.equal(whole[name], halves[name]) for name in whole)


def test_a_run_leaves_scores_and_a_plot(tmp_path):
    model = nn.Linear(2, 1)
    saved = []
    scores = Trainer(model, Plan(55, warmup=2), tmp_path).run(
        lambda step: {"loss": model(batch(1)).square().sum()},
        lambda average: {"score": float(len(saved))},
        saved.append,
    )
    assert scores == {"score": 1.0}
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert "loss" in rows[0]
    assert rows[-1]["score"] == 1.0
    assert (tmp_path / "loss.png").stat().st_size > 1000


def bert(words, folder=None):
    torch.manual_seed(len(words))
    vocabulary = {word: row for row, word in enumerate(["[PAD]", "[UNK]", *words])}
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=6 + len(words),
    )
    model = BertModel(config)
    if folder is not None:
        export(model, BertTokenizer(vocab=vocabulary, model_max_length=16), folder)
    return model, vocabulary


def test_words_keep_their_embedding_wherever_they_move(tmp_path):
    old, rows = bert(["cup", "red"], tmp_path)
    new, vocabulary = bert(["red", "bowl", "cup"])
    start = new.embeddings.word_embeddings.weight.detach().clone()
    fresh = warm_start(new, tmp_path, vocabulary)
    words = new.embeddings.word_embeddings.weight
    for word in ("cup", "red"):
        known = old.embeddings.word_embeddings.weight[rows[word]]
        assert torch.allclose(words[vocabulary[word]], known, atol=1e-3)
    assert torch.equal(words[vocabulary["bowl"]], start[vocabulary["bowl"]])
    assert set(fresh) == {"embeddings.position_embeddings.weight"}
    assert torch.allclose(new.pooler.dense.weight, old.pooler.dense.weight, atol=1e-3)


def test_a_folder_without_weights_is_named(tmp_path):
    with pytest.raises(UserError, match="--start"):
        warm_start(nn.Linear(1, 1), tmp_path)


def test_weights_ship_in_half_precision(tmp_path):
    bert(["cup"], tmp_path)
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118
