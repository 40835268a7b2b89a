"""Numbers from predictions: breakdowns, intervals, paired tests, oracle steps, directions."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from openseg_evals.report.write import write_reports
from openseg_evals.run import scoring
from openseg_evals.score.registry import METRICS
from openseg_evals.tally import UnitTally
from tests.evals.run.toys import lines, toy_benchmark, toy_run, write_method


@pytest.fixture
def run(toys):
    return toy_run(toys, write_method(toys, "two"), write_method(toys, "five", columns=5))


def test_tags_sum_to_the_whole(run):
    """The mean over all is the mean of the tags' means, weighed by their units."""
    for one in run.results["pipelines"].values():
        whole = one["metrics"]["mIoU"]["value"]
        assert set(one["tags"]) == {"size", "category", "words"}
        assert set(one["tags"]["size"]) == {"small"}
        for values in one["tags"].values():
            units = [row["units"] for row in values.values()]
            parts = [row["value"] for row in values.values()]
            assert sum(units) == 12
            assert np.average(parts, weights=units) == pytest.approx(whole)


def test_tags_are_those_of_the_data_set(toys):
    """Areas of 100, 200 and 2000 pixels are two small ones and a medium one for COCO."""
    instances = toys / "data" / "toys" / "instances.json"
    content = json.loads(instances.read_text())
    for one in content["annotations"]:
        if one["area"] == 400:
            one["area"] = 2000
    instances.write_text(json.dumps(content))
    run = toy_run(toys, write_method(toys, "two"))
    tags = run.results["pipelines"]["two"]["tags"]["size"]
    assert {name: row["units"] for name, row in tags.items()} == {"small": 8, "medium": 4}
    assert tags["medium"]["value"] == pytest.approx(100 * 38 / 40)
    assert tags["small"]["value"] == pytest.approx(100 * (8 / 10 + 18 / 20) / 2)


def test_intervals_hold_the_value(run):
    for one in run.results["pipelines"].values():
        for metric in one["metrics"].values():
            low, high = metric["ci"]
            assert low <= metric["value"] <= high
    mean = run.results["pipelines"]["five"]["metrics"]["mIoU"]
    ious = np.repeat([5 / 10, 15 / 20, 35 / 40], 4)
    error = ious.std() / np.sqrt(12)  # the spread of a mean of draws from these
    assert mean["ci"][0] == pytest.approx(100 * (ious.mean() - 1.96 * error), abs=1.5)
    assert mean["ci"][1] == pytest.approx(100 * (ious.mean() + 1.96 * error), abs=1.5)


def test_a_pipeline_does_not_differ_from_itself(toys):
    names = ("one", "same", "again")
    run = toy_run(toys, *(write_method(toys, name) for name in names))
    pairs = run.results["paired"]
    assert [(one["a"], one["b"]) for one in pairs] == [
        ("one", "same"),
        ("one", "again"),
        ("same", "again"),
    ]
    assert all((one["difference"], one["p"], one["p_holm"]) == (0.0, 1.0, 1.0) for one in pairs)


def test_a_real_difference_is_found(run):
    [pair] = run.results["paired"]
    by_hand = np.mean([3 / 10, 3 / 20, 3 / 40])  # three columns more of 10, 20 and 40
    assert pair["difference"] == pytest.approx(by_hand, abs=1e-6)
    assert (
        pair["p"] == pair["p_holm"] == pytest.approx(2 / 2**12)
    )  # all signs one way, or all other
    assert pair["n"] == 12


def test_units_have_a_line_each(run):
    found = lines(run.folder / "units.jsonl")
    assert [one["unit"] for one in found] == [str(100 + n) for n in range(1, 13)]
    assert found[0]["scores"] == {"two": 0.8, "five": 0.5}
    assert found[0]["tags"]["category"] == "cup"


def test_the_oracle_ends_at_the_best(toys):
    run = toy_run(toys, write_method(toys, "two"), oracle=True)
    one = run.results["pipelines"]["two"]
    # The toys find the right region of the right words; only what is cut off is lost.
    own = pytest.approx(one["metrics"]["mIoU"]["value"])
    assert one["oracle"] == {"score": own, "grounding": own, "masks": 100}
    assert one["oracle_labels"]["masks"] == "perfect masks (cut)"


def test_the_truth_does_not_know_a_unit(toys, monkeypatch):
    monkeypatch.setattr(
        "openseg_evals.run.evaluate.share_of",
        lambda samples, *_: [replace(one, unit="unheard") for one in samples],
    )
    with pytest.raises(Exception, match="the truth does not have the unit 'unheard'"):
        toy_run(toys, write_method(toys, "two"))


def clicks(units):
    """A metric of which less is better, not defined for some of its numbers."""

    def score(rows):
        return {
            "clicks": float(np.mean(units[rows])),
            "nothing": None,
            "not a number": float("nan"),
            "by class": {"cup": {"clicks": float(np.mean(units[rows]))}, "cap": None},
        }

    return UnitTally([str(101 + n) for n in range(12)], "clicks", score, lambda: units)


def test_lower_is_better(toys, monkeypatch):
    """Also numbers that are not defined, and a main number that lies in a table."""
    worse, better = np.arange(12.0), np.arange(12.0) / 2
    monkeypatch.setattr(
        scoring, "tally", lambda _m, _gt, pred, _c: clicks(worse if "five" in str(pred) else better)
    )
    metric = replace(METRICS["referring"], higher_is_better=False)
    monkeypatch.setitem(METRICS, "referring", metric)
    benchmark = toy_benchmark(toys, main="by class.cup.clicks", best=0, shown=["clicks", "nothing"])
    methods = [write_method(toys, "two"), write_method(toys, "five", columns=5)]
    run = toy_run(toys, *methods, benchmark=benchmark, oracle=True)
    write_reports(run)
    five = run.results["pipelines"]["five"]
    assert five["metrics"]["by class.cup.clicks"]["value"] == 5.5
    assert five["metrics"]["nothing"] == {"value": None, "ci": None}
    assert five["metrics"]["not a number"] == {"value": None, "ci": None}
    assert run.results["paired"][0]["difference"] == -2.75
    page = (run.folder / "report.html").read_text()
    best, worst = page.index("<h3>best</h3>"), page.index("<h3>worst</h3>")
    assert best < page.index("<b>0.00</b>") < worst < page.index("<b>5.50</b>")
    assert "Lower is better." in page
    assert "What each stage costs" not in page
    assert "NaN" not in (run.folder / "results.json").read_text()


def test_a_name_in_a_table_that_is_not_there(toys, monkeypatch):
    monkeypatch.setattr(scoring, "tally", lambda *_: clicks(np.arange(12.0)))
    for name in ("by class.mug.clicks", "clicks.more", "clicsk", "by class"):
        with pytest.raises(Exception, match="referring gives no number") as refused:
            toy_run(toys, write_method(toys, "two"), benchmark=toy_benchmark(toys, main=name))
        assert refused.value.exit_code == 2
    benchmark = toy_benchmark(toys, main="by class.cap.clicks", shown=[])
    run = toy_run(toys, write_method(toys, "two"), benchmark=benchmark)
    assert run.results["pipelines"]["two"]["metrics"][benchmark.main]["value"] is None
    write_reports(run)
