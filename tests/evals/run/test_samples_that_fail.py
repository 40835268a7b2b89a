"""A sample that fails counts as empty, is named wherever a reader looks, and stops nothing."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from openseg_evals.report.text import as_json, as_text
from openseg_evals.report.write import write_reports
from tests.evals.run.toys import lines, toy_benchmark, toy_run, write_data, write_method

PAIR = {"task": "generalized_referring", "metric": "generalized_referring", "main": "gIoU"}


def run_and_report(toys, *methods, **request):
    run = toy_run(toys, *methods, **request)
    write_reports(run)
    return run


def said(run):
    """The texts a user can meet."""
    page = (run.folder / "report.html").read_text()
    return [page, (run.folder / "report.md").read_text(), as_text(run.folder, run.results)]


def test_a_stage_that_raises(toys):
    good, bad = write_method(toys, "good"), write_method(toys, "bad", broken="green")
    run = run_and_report(toys, good, bad)
    notes = lines(run.folder / "failures.jsonl")
    assert [one["pipeline"] for one in notes] == ["bad"] * 4
    assert [one["id"] for one in notes] == ["2-102", "5-105", "8-108", "11-111"]
    assert all("node" in one["error"] and "no such luck" in one["error"] for one in notes)
    bad, good = (run.results["pipelines"][name] for name in ("bad", "good"))
    assert (bad["failed"], good["failed"]) == (4, 0)
    assert bad["failures"][0]["id"] == "2-102"
    # Red and blue are found, green counts as 0.
    assert bad["metrics"]["mIoU"]["value"] == pytest.approx(100 * (8 / 10 + 38 / 40) / 3)
    written = lines(run.folder / "predictions" / "bad" / "predictions.jsonl")
    assert len(written) == 12
    assert [one["segmentation"] is None for one in written] == [False, True, False] * 4
    assert all("no such luck" in text and "2-102" in text for text in said(run))
    assert as_json(run.folder, run.results)["pipelines"]["bad"]["failed"] == 4


def test_a_broken_picture_and_one_of_the_wrong_size(toys):
    images = toys / "data" / "toys" / "images"
    (images / "1.jpg").write_bytes((images / "1.jpg").read_bytes()[:120])
    Image.open(images / "2.jpg").resize((40, 30)).save(images / "2.jpg", format="png")
    run = run_and_report(toys, write_method(toys, "two"), oracle=True)
    notes = [one for one in lines(run.folder / "failures.jsonl") if one["pipeline"] == "two"]
    assert [one["id"].split("-")[0] for one in notes] == ["4", "5", "6", "7", "8", "9"]
    assert "1.jpg" in notes[0]["error"]
    assert "the picture is 40x30, its annotations are for 80x60" in notes[3]["error"]
    assert run.results["pipelines"]["two"]["failed"] == 6
    assert run.results["pipelines"]["two"]["oracle"]["grounding"] == pytest.approx(
        run.results["pipelines"]["two"]["metrics"]["mIoU"]["value"]
    )


def test_every_sample_fails(toys):
    for one in (toys / "data" / "toys" / "images").iterdir():
        one.write_bytes(b"")
    run = run_and_report(toys, write_method(toys, "two"), write_method(toys, "five", columns=5))
    for one in run.results["pipelines"].values():
        assert one["failed"] == 12
        assert one["metrics"]["mIoU"] == {"value": 0.0, "ci": (0.0, 0.0)}
        assert len(one["failures"]) == 5
    [pair] = run.results["paired"]
    assert (pair["difference"], pair["p"]) == (0.0, 1.0)
    assert all("12" in text for text in said(run))
    assert json.loads((run.folder / "results.json").read_text())["units"] == 12


def test_a_failure_is_not_taken_for_no_target(toys):
    """Where saying nothing can be right, a sample that failed has not said nothing."""
    write_data(toys / "data", words=["red"])
    refs = toys / "data" / "toys" / "grefs(unc).json"
    entry = {
        "ref_id": 1, "image_id": 0, "ann_id": [-1], "category_id": [-1], "split": "val",
        "file_name": "0.jpg", "sent_ids": [1, 2],
        "sentences": [{"sent_id": 1, "raw": "grue"}, {"sent_id": 2, "raw": "bleen"}],
    }  # fmt: skip
    refs.write_text(json.dumps([entry]))
    dataset = {"use": "grefcoco", "folder": "toys", "options": {"split": "val", "by": "unc"}}
    benchmark = toy_benchmark(toys, dataset=dataset, shown=["N_acc"], **PAIR)
    run = run_and_report(toys, write_method(toys, "one", broken="bleen"), benchmark=benchmark)
    [silent, failed] = lines(run.folder / "predictions" / "one" / "predictions.jsonl")
    assert (silent["no_target"], failed["no_target"]) == (True, False)
    assert run.results["pipelines"]["one"]["metrics"]["N_acc"]["value"] == 0.5


def test_masks_that_do_not_fit_the_image_are_a_failure_not_a_crash(toys):
    run = run_and_report(toys, write_method(toys, "half", last="shrink"), limit=3)
    note = lines(run.folder / "failures.jsonl")[0]
    assert note["error"] == "outputs: the masks are 40x30, the image is 80x60"
    assert run.results["pipelines"]["half"]["failed"] == 3
