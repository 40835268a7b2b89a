"""The line of jobs: order, sharing, cancelling, faults."""

from __future__ import annotations

import threading
import time

from openseg.graph.events import NodeStarted, RunStarted
from openseg.types.errors import OpensegError
from openseg_ui.server.hub import Hub
from openseg_ui.server.images import from_folder
from openseg_ui.server.jobs import Job, Line, State
from openseg_ui.server.runs import Asked
from openseg_ui.settings import Settings


def until(holds, seconds=60) -> None:
    """Waits for another thread."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_jobs_are_done_one_at_a_time_in_order():
    line, gate, seen = Line(), threading.Event(), []
    first = line.submit(Job("first", lambda _: gate.wait(10)))
    second = line.submit(Job("second", lambda _: seen.append("second")))
    third = line.submit(Job("third", lambda _: seen.append("third")))
    until(lambda: first.state is State.RUNNING)
    assert [one.title for one in line.ahead_of(third)] == ["first", "second"]
    assert seen == []
    gate.set()
    until(lambda: third.over)
    assert seen == ["second", "third"]
    assert second.state is State.DONE


def test_a_waiting_job_that_is_cancelled_never_runs():
    line, gate, seen = Line(), threading.Event(), []
    line.submit(Job("first", lambda _: gate.wait(10)))
    second = line.submit(Job("second", lambda _: seen.append("ran")))
    third = line.submit(Job("third", lambda _: seen.append("third")))
    second.cancel()
    assert second.state is State.CANCELLED  # at once: nobody waits for what is before it
    assert [one.title for one in line.ahead_of(third)] == ["first"]
    gate.set()
    until(lambda: third.over)
    assert seen == ["third"]


def test_a_running_job_ends_at_its_next_event():
    line, reached, go = Line(), threading.Event(), threading.Event()

    def work(listener) -> str:
        listener(RunStarted(1, ("a", "b"), (("a", "b"),)))
        listener(NodeStarted("a", 1))
        reached.set()
        go.wait(10)
        listener(NodeStarted("b", 1))
        return "too far"

    job = line.submit(Job("one", work))
    assert reached.wait(10)
    assert [one.state for one in job.stages.values()] == ["running", "waiting"]
    job.cancel()
    go.set()
    until(lambda: job.over)
    assert job.state is State.CANCELLED
    assert job.result is None


def test_a_job_that_is_cancelled_after_its_last_event_gives_nothing():
    line, reached, go = Line(), threading.Event(), threading.Event()

    def work(listener) -> str:
        reached.set()
        go.wait(10)
        return "late"

    job = line.submit(Job("one", work))
    assert reached.wait(10)
    job.cancel()
    go.set()
    until(lambda: job.over)
    assert job.state is State.CANCELLED
    assert job.result is None


def test_a_fault_stays_with_its_job():
    line = Line()
    bad = line.submit(Job("bad", lambda _: 1 / 0))
    good = line.submit(Job("good", lambda _: 7))
    until(lambda: good.over)
    assert bad.state is State.FAILED
    assert isinstance(bad.error, ZeroDivisionError)
    assert good.result == 7


def test_a_method_without_masks_is_told(room, tmp_path):
    hub = Hub(Settings(runs=(str(tmp_path),)))
    photo = from_folder(room, megapixels=10)
    text = (
        "name: mine\ninputs: {image: Image, query: TextQuery}\nmodels: {detector: grounding-dino}\n"
        "nodes:\n  detect: {use: propose.detect, in: {image: image, query: query}}\n"
        "outputs: {boxes: detect.boxes}\n"
    )
    assert hub.check_text(text) == []
    job = hub.submit(Asked("mine", "mini", (), "a cup", photo.digest, "room", yaml=text), photo)
    until(lambda: job.over, seconds=300)
    assert isinstance(job.error, OpensegError)
    assert "gives no Masks" in str(job.error)


def test_models_are_loaded_once_for_all(room, tmp_path):
    hub = Hub(Settings(runs=(str(tmp_path),)))
    photo = from_folder(room, megapixels=10)
    asked = [
        Asked("grounded_sam", "mini", (), word, photo.digest, "room") for word in ("cup", "hat")
    ]
    jobs = [hub.submit(one, photo) for one in asked]
    until(lambda: all(one.over for one in jobs), seconds=300)
    first, second = (sum(one.result.timings.models.values()) for one in jobs)
    assert second < first / 10
