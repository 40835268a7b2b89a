"""Runs that are stopped, shared out, refused and joined leave what one quiet run would leave."""

from __future__ import annotations

import gc
import json
import shutil

import pytest

from openseg.graph.events import WindowFinished
from openseg.types import Masks
from openseg.types.errors import InputError, UserError
from openseg_evals.report.write import write_reports
from openseg_evals.run.request import Shard
from openseg_evals.score.registry import score
from tests.evals.run.toys import (
    CALLS,
    content,
    lines,
    toy_benchmark,
    toy_run,
    write_data,
    write_method,
)


class Killed(BaseException):
    """Ends a run where it stands; nothing in between may catch it."""


def kill_at(event_number):
    count = 0

    def listener(event):
        nonlocal count
        count += 1
        if count == event_number:
            raise Killed

    return listener


@pytest.fixture
def methods(toys):
    return [write_method(toys, "two"), write_method(toys, "five", columns=5)]


@pytest.fixture
def quiet(toys, methods):
    """The files of a run that nobody disturbed."""
    write_reports(toy_run(toys, *methods, out=toys / "quiet", oracle=True))
    return content(toys / "quiet")


def test_numbers_are_those_of_openseg_score(toys, methods):
    run = toy_run(toys, *methods, limit=5)
    truth = toys / "data" / "toys"
    for name in ("two", "five"):
        told = {key: one["value"] for key, one in run.results["pipelines"][name]["metrics"].items()}
        path = run.folder / "predictions" / name / "predictions.jsonl"
        asked = {**run.results["conventions"], "missing": "skip"}  # only the samples of the run
        official = score("referring", truth, path, asked)
        assert told == {key: official[key] for key in told}
        assert official["samples"] == 5
    # By hand: red, green, blue, red, green are 10, 20, 40, 10, 20 columns wide.
    ious = [(width - 2) / width for width in (10, 20, 40, 10, 20)]
    value = run.results["pipelines"]["two"]["metrics"]["mIoU"]["value"]
    assert value == pytest.approx(100 * sum(ious) / 5)


def test_killed_at_every_event_and_given_again(toys, methods, quiet):
    """Each attempt gets a little further than the one before, until one gets to the end."""
    attempts = 0
    for limit in (*range(1, 60, 7), None):
        try:
            listeners = [kill_at(limit)] if limit else []
            write_reports(toy_run(toys, *methods, oracle=True, listeners=listeners))
            break
        except Killed:
            attempts += 1
    assert attempts > 4
    assert content(toys / "out") == quiet
    ids = [(one["ref_id"], one["sent_id"]) for one in lines(predictions(toys / "out", "two"))]
    assert len(ids) == len(set(ids)) == 12


def predictions(folder, name):
    return folder / "predictions" / name / "predictions.jsonl"


def test_what_a_kill_left_half_written_is_swept_away(toys, methods, quiet):
    with pytest.raises(Killed):
        toy_run(toys, *methods, oracle=True, listeners=[kill_at(30)])
    (toys / "out" / ".0011223344556677.tmp").write_text("half of eval.json")
    (toys / "out" / "predictions" / "two" / ".0011223344556677.tmp").write_text("half")
    with predictions(toys / "out", "five").open("a") as file:
        file.write('{"ref_id":3,"sent')  # a line that was cut off
    write_reports(toy_run(toys, *methods, oracle=True))
    assert content(toys / "out") == quiet


def test_a_finished_run_is_scored_again_without_its_models(toys, methods, quiet):
    CALLS.clear()
    write_reports(toy_run(toys, *methods, out=toys / "quiet", oracle=True))
    assert not CALLS
    assert content(toys / "quiet") == quiet


def test_predictions_reach_the_disk_window_by_window(toys, methods):
    """Two batches of two samples are a window; nothing of it is held once it is written."""
    seen = []

    def masks() -> int:
        gc.collect()
        return sum(isinstance(one, Masks) for one in gc.get_objects())

    others = masks()

    def watch(event):
        if isinstance(event, WindowFinished):
            seen.append((len(lines(predictions(toys / "out", "two"))), masks() - others))

    toy_run(toys, *methods, listeners=[watch])
    assert [written for written, _ in seen] == [4, 8, 12]
    assert seen[0][1] == seen[2][1] < 4 * 3


def test_shared_nodes_are_computed_once(toys, methods):
    toy_run(toys, *methods)
    assert CALLS == {"find": 12, "cut": 24}


def shards(toys, methods, count, **request):
    for number in range(1, count + 1):
        yield toy_run(toys, *methods, oracle=True, shard=Shard(number, count), **request)


def test_shards_join_to_the_run_without_shards(toys, methods, quiet):
    """Every byte but `eval.json`'s note of how far each file had come.

    The toys give the same whatever shares a batch with a sample. Models on real data need not:
    their last bits move with the batch, and shards cut windows at other places.
    """
    parts = list(shards(toys, methods, 3))
    assert sum(len(one.samples) for one in parts) == 12
    assert [one.results["shard"] for one in parts] == ["1/3", "2/3", "3/3"]
    assert all(set(one.results) == {"benchmark", "samples", "shard"} for one in parts)
    CALLS.clear()
    write_reports(toy_run(toys, *methods, oracle=True))
    assert not CALLS
    joined = {k: v for k, v in content(toys / "out").items() if not k.startswith("shards/")}
    assert joined.keys() == quiet.keys()
    assert [name for name in quiet if joined[name] != quiet[name]] in ([], ["eval.json"])
    cost = json.loads((toys / "out" / "timings.json").read_text())["nodes"]["find"]
    assert cost["computed"] == 12


def test_more_shards_than_pictures_join_as_well(toys, methods, quiet):
    sizes = [len(one.samples) for one in shards(toys, methods, 6)]
    assert sum(sizes) == 12
    assert 0 in sizes
    toy_run(toys, *methods, oracle=True)
    assert (toys / "out" / "results.json").read_bytes() == quiet["results.json"]


def test_a_shard_that_was_killed_is_refused_by_its_name_and_then_finished(toys, methods, quiet):
    list(shards(toys, methods, 3))
    shutil.rmtree(toys / "out" / "shards" / "2-of-3")
    with pytest.raises(Killed):
        toy_run(toys, *methods, oracle=True, shard=Shard(2, 3), listeners=[kill_at(20)])
    with pytest.raises(UserError, match="not finished: 2-of-3") as refused:
        toy_run(toys, *methods, oracle=True)
    assert refused.value.fix
    assert [path.name for path in (toys / "out").iterdir()] == ["shards"]
    toy_run(toys, *methods, oracle=True, shard=Shard(2, 3))
    toy_run(toys, *methods, oracle=True)
    assert (toys / "out" / "results.json").read_bytes() == quiet["results.json"]


def test_shards_of_another_evaluation_are_not_joined(toys, methods):
    list(shards(toys, methods, 2))
    with pytest.raises(UserError, match="1-of-2: is of an evaluation that differs in: limit"):
        toy_run(toys, *methods, oracle=True, limit=6)
    toy_run(toys, *methods, oracle=True, shard=Shard(1, 3))
    with pytest.raises(UserError, match="shards of 2 and of 3 lie side by side"):
        toy_run(toys, *methods, oracle=True)


def test_failures_of_shards_and_of_a_run_before_them(toys):
    broken = write_method(toys, "broken", broken="green")
    with pytest.raises(Killed):  # leaves notes of failures behind
        toy_run(toys, broken, listeners=[kill_at(30)])
    for number in (1, 2):
        toy_run(toys, broken, shard=Shard(number, 2))
    run = toy_run(toys, broken)
    assert run.results["pipelines"]["broken"]["failed"] == 4
    assert len(lines(run.folder / "failures.jsonl")) == 4


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"limit": 3}, "limit"),
        ({"batch": 3}, "batch"),
        ({"oracle": True}, "pipelines"),
        ({"dtype": "float32"}, "dtype"),
    ],
)
def test_another_evaluation_in_the_folder_is_refused(toys, methods, change, key):
    toy_run(toys, *methods)
    before = content(toys / "out")
    with pytest.raises(UserError, match=f"differs in: {key} .choose"):
        toy_run(toys, *methods, **change)
    assert content(toys / "out") == before


def test_other_pipelines_data_or_words_are_refused_and_overwrite_replaces_them(toys, methods):
    first = toy_run(toys, *methods)
    with pytest.raises(UserError, match="differs in: pipelines"):
        toy_run(toys, methods[0])
    write_method(toys, "two", columns=3)
    with pytest.raises(UserError, match="differs in: pipelines"):
        toy_run(toys, *methods)
    write_method(toys, "two", columns=2)
    shutil.rmtree(toys / "data")
    write_data(toys / "data", words=["red", "blue"])
    with pytest.raises(UserError, match="differs in: questions"):
        toy_run(toys, *methods)
    second = toy_run(toys, methods[0], overwrite=True)
    assert not (toys / "out" / "predictions" / "five").exists()
    assert second.results["samples"] == 8 < first.results["samples"]


def test_how_numbers_are_shown_may_change_without_a_new_run(toys, methods):
    toy_run(toys, *methods)
    CALLS.clear()
    run = toy_run(toys, *methods, benchmark=toy_benchmark(toys, main="P@0.9", about="Other words."))
    assert not CALLS
    assert run.results["main"] == "P@0.9"
    with pytest.raises(UserError, match=r"gives no number 'mIuo' \(did you mean 'mIoU'"):
        toy_run(toys, *methods, benchmark=toy_benchmark(toys, main="mIuo"))


def test_two_processes_cannot_write_into_one_folder(toys, methods):
    refused = []

    def second(event):
        if isinstance(event, WindowFinished) and not refused:
            with pytest.raises(UserError, match="another evaluation is writing here") as error:
                toy_run(toys, *methods)
            refused.append(error.value)

    toy_run(toys, *methods, listeners=[second])
    assert refused
    assert not (toys / "out" / ".lock").exists()


def test_a_folder_of_a_newer_openseg_and_a_damaged_one(toys, methods):
    toy_run(toys, *methods)
    state = toys / "out" / "eval.json"
    good = json.loads(state.read_text())
    newer = {"identity": {**good["identity"], "format": 99}}
    for text, said in (
        (json.dumps(newer), "written in format 99, this openseg reads up to 1"),
        (state.read_text()[:100], "is damaged"),
        ("[]", "is damaged"),
        (json.dumps({"identity": good["identity"]}), "is damaged"),
        (json.dumps({"identity": {"format": "x"}}), "is damaged"),
    ):
        state.write_text(text)
        with pytest.raises(InputError, match=said) as refused:
            toy_run(toys, *methods)
        assert refused.value.where == str(state)
        assert refused.value.fix
        assert state.read_text() == text
    toy_run(toys, *methods, overwrite=True)
    assert json.loads(state.read_text()) == good


def test_a_file_where_the_folder_should_be(toys, methods):
    (toys / "out").write_text("")
    with pytest.raises(UserError, match="a file stands where a folder is needed"):
        toy_run(toys, *methods)


def test_mistakes_leave_nothing_behind(toys, methods):
    dataset = {"use": "refcoc", "folder": "toys"}
    for wrong, said in (
        ({"benchmark": toy_benchmark(toys, task="refering")}, "no task 'refering'"),
        ({"benchmark": toy_benchmark(toys, metric="referrin")}, "did you mean 'referring'"),
        ({"benchmark": toy_benchmark(toys, dataset=dataset)}, "did you mean 'refcoco'"),
        ({"benchmark": toy_benchmark(toys, conventions={"truht": "x"})}, "no convention 'truht'"),
        ({"data": toys / "elsewhere"}, "there is no refs"),
        ({"device": "cuda:9"}, "cuda:9"),
    ):
        with pytest.raises(UserError, match=said):
            toy_run(toys, *methods, **wrong)
        assert not (toys / "out").exists()
    swapped = toys / "swapped.yaml"
    text = (toys / "two.yaml").read_text().replace("image: image, query: query", "A, B")
    text = text.replace(
        "inputs: {image: Image, query: TextQuery}", "inputs: {query: Image, image: TextQuery}"
    )
    swapped.write_text(text.replace("A, B", "image: query, query: image").replace("two", "swapped"))
    with pytest.raises(UserError, match="input 'query' is Image in 'swapped' and TextQuery in 'tw"):
        toy_run(toys, methods[0], str(swapped))
    with pytest.raises(UserError, match="two pipelines are called 'two'"):
        toy_run(toys, methods[0], methods[0])
    assert not (toys / "out").exists()
