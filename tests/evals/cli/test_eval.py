"""`openseg eval` and `openseg ls benchmarks`: what they print, and mistakes as one line and a 2."""

from __future__ import annotations

import json
import sys

import pytest

from openseg.cli.main import run as openseg
from openseg_evals.run.benchmark import _read
from tests.evals.run.toys import (
    lines,
    toy_stages,
    write_benchmark,
    write_data,
    write_method,
)

__all__ = ["toy_stages"]


@pytest.fixture
def call(tmp_path, toy_stages, monkeypatch, capsys):
    """Gives a command in a folder with the toy benchmark; the exit code and both streams."""
    write_data(tmp_path / "data", images=2)
    write_benchmark(tmp_path)
    write_method(tmp_path, "two")
    write_method(tmp_path, "five", columns=5)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENSEG_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENSEG_DATA", raising=False)
    _read.cache_clear()

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["openseg", *words])
        with pytest.raises(SystemExit) as left:
            openseg()
        output, errors = capsys.readouterr()
        return left.value.code or 0, output, errors

    return call


METHODS = ("--pipeline", "two.yaml", "--pipeline", "five.yaml")


def test_json_is_one_object_and_nothing_else(call, tmp_path):
    code, output, _ = call("eval", "toy.yaml", *METHODS, "--oracle", "--json")
    assert code == 0
    told = json.loads(output)
    assert told["benchmark"] == "toy"
    assert told["samples"] == 6
    assert list(told["pipelines"]) == ["two", "five"]
    for one in told["pipelines"].values():
        assert set(one) == {"metrics", "oracle", "failed", "seconds"}
        assert set(one["metrics"]["mIoU"]) == {"value", "ci"}
        assert list(one["oracle"]) == ["score", "grounding", "masks"]
        assert one["oracle"]["masks"] == 100
    [pair] = told["paired"]
    assert set(pair) == {"a", "b", "difference", "n", "p", "p_holm"}
    assert told["out"] == "runs/eval/toy--two--five"
    left = {path.name for path in (tmp_path / told["out"]).iterdir()}
    assert left >= {"report.html", "report.md", "results.json", "units.jsonl", "predictions"}
    assert not [one for one in left if one.startswith(".")]


def test_text_has_the_table_the_test_and_where_things_lie(call):
    code, output, _ = call("eval", "toy.yaml", *METHODS, "--oracle", "--limit", "3")
    assert code == 0
    assert "toy: 3 units, 3 samples" in output
    assert "two - five: +0.175 IoU (n = 3, p = 0.25, permutation, Holm)" in output
    assert "perfect text grounding (find)" in output
    assert "report: runs/eval/toy--two--five/report.html" in output


def test_several_benchmarks_have_a_folder_each_and_a_list_of_objects(call, tmp_path):
    content = json.loads((tmp_path / "toy.yaml").read_text())
    (tmp_path / "other.yaml").write_text(json.dumps({**content, "variants": {"a": {}, "b": {}}}))
    given = ("eval", "toy.yaml", "other.yaml", "--pipeline", "two.yaml", "--json")
    _, output, _ = call(*given)
    told = json.loads(output)
    assert [one["benchmark"] for one in told] == ["toy", "other-a", "other-b"]
    assert [one["out"] for one in told] == [
        f"runs/eval/{name}--two" for name in ("toy", "other-a", "other-b")
    ]
    _, output, _ = call(*given, "--out", "there")
    assert [one["out"] for one in json.loads(output)] == [
        "there/toy",
        "there/other-a",
        "there/other-b",
    ]


def test_shards_are_run_and_joined(call, tmp_path):
    for number in (1, 2):
        shard = f"{number}/2"
        code, output, _ = call(
            "eval", "toy.yaml", *METHODS, "--out", "o", "--shard", shard, "--json"
        )
        assert code == 0
        assert json.loads(output) == {"benchmark": "toy", "samples": 3, "shard": shard}
    assert not (tmp_path / "o" / "report.html").exists()
    _, text, _ = call("eval", "toy.yaml", *METHODS, "--out", "o", "--shard", "2/2")
    assert "shard 2/2: 3 samples done" in text
    code, output, _ = call("eval", "toy.yaml", *METHODS, "--out", "o", "--json")
    assert code == 0
    assert json.loads(output)["samples"] == 6


def test_the_data_folder_may_come_from_the_environment(call, tmp_path, monkeypatch):
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    code, _, errors = call("eval", "toy.yaml", "--pipeline", "two.yaml")
    assert code == 2
    assert "data/toys" in errors
    monkeypatch.setenv("OPENSEG_DATA", str(tmp_path / "elsewhere"))
    assert call("eval", "toy.yaml", "--pipeline", "two.yaml")[0] == 0


def test_samples_that_fail_are_told_and_do_not_fail_the_command(call, tmp_path):
    write_method(tmp_path, "bad", broken="green")
    code, output, errors = call("eval", "toy.yaml", "--pipeline", "bad.yaml")
    assert code == 0
    assert "bad: 2 samples failed and count as empty; the first: 2-102:" in output
    assert "no such luck" in errors
    assert len(lines(tmp_path / "runs/eval/toy--bad/failures.jsonl")) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("toi.yaml", *METHODS), "toi.yaml: there is no such benchmark file"),
        (("mini-reff", *METHODS), "no benchmark 'mini-reff' (did you mean 'mini-ref'?)"),
        (("toy.yaml", "--pipeline", "tow.yaml"), "did you mean `two.yaml`?"),
        (("toy.yaml", "--pipeline", "grounded_sm"), "did you mean `grounded_sam`?"),
        (
            ("toy.yaml", "--pipeline", "box_to_mask"),
            "gives an image, words and templates, not 'boxes'",
        ),
        (("toy.yaml", "--pipeline", "blind.yaml"), "an output of type Masks (its outputs are:"),
        (("toy.yaml", "--pipeline", "two.yaml", "--data", "nowhere"), "nowhere/toys: there is no"),
        (("toy.yaml", "--pipeline", "grounded_sam", "--weights", "base"), "openseg fetch"),
        (("toy.yaml", "--pipeline", "grounded_sam", "--dtype", "float31"), "float31"),
        (
            ("toy.yaml", *METHODS, "--shard", "3/2"),
            "--shard 3/2 does not exist (shards are 1 to 2)",
        ),
        (("toy.yaml", *METHODS, "--shard", "half"), "--shard half is not i/n"),
        (("toy.yaml", *METHODS, "--pipeline", "two.yaml"), "two pipelines are called 'two'"),
        (("odd.yaml", *METHODS), "metrik: extra inputs are not permitted (did you mean 'metric'?)"),
        (("refcoco-val", *METHODS), "refcoco"),
    ],
)
def test_mistakes_are_one_line(call, tmp_path, words, said):
    content = json.loads((tmp_path / "toy.yaml").read_text())
    odd = {**content, "metrik": content["metric"]}
    (tmp_path / "odd.yaml").write_text(json.dumps(odd))
    blind = (tmp_path / "two.yaml").read_text().replace("masks: cut.masks, ", "")
    blind = "\n".join(line for line in blind.splitlines() if "cut:" not in line)
    (tmp_path / "blind.yaml").write_text(blind.replace("name: two", "name: blind"))
    code, output, errors = call("eval", *words, "--out", "o", "--json")
    assert (code, output) == (2, "")
    assert said in errors
    assert len(errors.splitlines()) == 1
    assert "Traceback" not in errors
    assert not (tmp_path / "o").exists()


def test_a_mistake_in_the_second_benchmark_is_told_before_the_first_is_run(call, tmp_path):
    code, _, errors = call("eval", "toy.yaml", "refcoco-vall", *METHODS, "--out", "o")
    assert code == 2
    assert "did you mean 'refcoco-val'?" in errors
    assert not (tmp_path / "o").exists()


def test_options_that_need_a_value(call):
    assert call("eval", "toy.yaml")[0] == 2
    assert call("eval", "--pipeline", "two.yaml")[0] == 2
    assert call("eval", "toy.yaml", *METHODS, "--limit", "0")[0] == 2


def test_benchmarks_are_listed(call):
    code, output, _ = call("ls", "benchmarks")
    assert code == 0
    head, *rows = output.splitlines()
    assert head.split() == ["benchmark", "data", "metric", "main", "about"]
    assert [row.split()[0] for row in rows] == sorted(row.split()[0] for row in rows)
    [row] = [row.split() for row in rows if row.startswith("refcoco-testA ")]
    assert row[1:4] == ["refcoco/", "referring", "oIoU"]
