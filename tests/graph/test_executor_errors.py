"""Runs in which something goes wrong: one sample, memory, a stage that breaks its promise."""

from __future__ import annotations

import gc
import traceback
import weakref
from typing import NamedTuple

import pytest
import torch

from openseg.graph.events import BatchHalved, RunFinished, SampleFailed, SampleFinished
from openseg.graph.executor import execute, execute_many
from openseg.graph.graph import Sample
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Boxes, Image, Scores
from openseg.types.errors import InputError, MissingWeightsError, StageError
from tests.graph.tiny import Find, Provider, Weigh, find_and_paint, method, picture, pictures, same


class Picky(Stage):
    """Fails on images of the given heights; records the size of every call."""

    name = "tiny.picky"
    calls: list[int] = []  # noqa: RUF012
    error: BaseException = ValueError("too tall\nby far")

    class Config(StageConfig):
        heights: tuple[int, ...] = ()

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, image: Batch[Image]) -> Outputs:
        self.calls.append(len(image))
        for one in image:
            if one.size[0] in self.config.heights:
                raise self.error
        return self.Outputs([Scores(torch.tensor([float(one.size[1])])) for one in image])


def picky(*heights: int):
    return method(
        {
            "picky": (Picky, {"image": "image"}, {"heights": heights}),
            "weigh": (Weigh, {"scores": "picky.scores"}),
        },
        {"scores": "weigh.scores"},
    )


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(Picky, "calls", [])


def tall(count: int, *bad: int) -> list[Sample]:
    """Samples of height 10; those at the given positions of height 99."""
    return [
        Sample(f"s{i}", {"image": picture(i, 99 if i in bad else 10, 8 + i)}) for i in range(count)
    ]


@pytest.mark.parametrize("bad", [(0,), (7,), (3, 4), (0, 1, 2, 3, 4, 5, 6, 7), ()])
def test_a_bad_sample_is_found_and_the_others_go_on(bad):
    events = []
    outcomes = list(
        execute(picky(99), tall(8, *bad), Provider(), batch=8, listeners=[events.append])
    )
    assert [i for i, outcome in enumerate(outcomes) if outcome.failure] == list(bad)
    for i, outcome in enumerate(outcomes):
        if i in bad:
            assert outcome.outputs == {}
            assert outcome.error == "node 'picky': ValueError: too tall by far"
            assert isinstance(outcome.failure, StageError)
            assert isinstance(outcome.failure.__cause__, ValueError)
        else:
            assert outcome.outputs["scores"].values.tolist() == [2 * (8 + i)]
    assert [e.id for e in events if isinstance(e, SampleFailed)] == [f"s{i}" for i in bad]
    assert len([e for e in events if isinstance(e, SampleFinished)]) == 8
    assert events[-1].failed == len(bad)


def test_a_failure_keeps_its_traceback_as_text_and_no_images():
    refs = []

    def samples():
        for i in range(4):
            image = picture(i, 99 if i == 2 else 10)
            refs.append(weakref.ref(image))
            yield Sample(f"s{i}", lambda image=image: {"image": image})
            del image

    failures = [outcome.failure for outcome in execute(picky(99), samples(), Provider())]
    gc.collect()
    assert [ref() for ref in refs] == [None] * 4
    shown = "".join(traceback.format_exception(failures[2]))
    assert "test_executor_errors.py" in shown
    assert "raise self.error" in shown


def test_a_users_mistake_found_by_a_stage_stays_one(monkeypatch):
    monkeypatch.setattr(Picky, "error", InputError("the phrase is too long", fix="split it"))
    (outcome,) = execute(picky(99), tall(1, 0), Provider())
    assert isinstance(outcome.failure, InputError)
    assert outcome.error == "node 'picky': the phrase is too long (split it)"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
def test_interrupts_end_the_run(monkeypatch, error):
    monkeypatch.setattr(Picky, "error", error)
    with pytest.raises(type(error)):
        list(execute(picky(99), tall(4, 2), Provider()))


def test_a_failing_model_ends_the_run():
    class Empty(Provider):
        def load(self, family):
            raise MissingWeightsError(f"no weights for '{family}'", fix="openseg fetch tiny")

    with pytest.raises(MissingWeightsError, match="no weights for 'small'"):
        list(execute(find_and_paint(), pictures(2), Empty()))


class Hungry(Stage):
    """Fits `room` samples into memory; an image of height 99 never fits."""

    name = "tiny.hungry"
    calls: list[int] = []  # noqa: RUF012
    error: Exception = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    class Config(StageConfig):
        room: int = 2

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, image: Batch[Image]) -> Outputs:
        self.calls.append(len(image))
        if len(image) > self.config.room or any(one.size[0] == 99 for one in image):
            raise self.error
        return self.Outputs([Scores(torch.tensor([float(one.size[1])])) for one in image])


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate "
            "memory: you tried to allocate 4000000000000000 bytes. Error code 12"
        ),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
    ],
    ids=["cuda", "python", "linux", "windows"],
)
def test_out_of_memory_halves_the_batch_for_good(monkeypatch, error):
    monkeypatch.setattr(Hungry, "calls", [])
    monkeypatch.setattr(Hungry, "error", error)
    graph = method({"hungry": (Hungry, {"image": "image"})}, {"scores": "hungry.scores"})
    events = []
    outcomes = list(
        execute(graph, tall(16), Provider(), window=8, batch=8, listeners=[events.append])
    )
    assert [outcome.outputs["scores"].values.item() for outcome in outcomes] == [
        8.0 + i for i in range(16)
    ]
    assert [e for e in events if isinstance(e, BatchHalved)] == [
        BatchHalved("hungry", 4),
        BatchHalved("hungry", 2),
    ]
    # 8 and 4 fail; from then on nothing above 2 is tried, in the next window neither.
    assert Hungry.calls[:4] == [8, 4, 2, 2]
    assert max(Hungry.calls[4:]) == 2


def test_really_running_out_of_memory_is_survived():
    class Greedy(Hungry):
        name = "tiny.greedy"

        def run(self, image: Batch[Image]) -> Hungry.Outputs:
            if len(image) > 1:
                torch.empty(10**15)
            return super().run(image)

    graph = method({"greedy": (Greedy, {"image": "image"})}, {"scores": "greedy.scores"})
    assert [outcome.error for outcome in execute(graph, tall(4), Provider())] == [None] * 4


def test_a_sample_that_never_fits_fails_alone(monkeypatch):
    monkeypatch.setattr(Hungry, "calls", [])
    graph = method({"hungry": (Hungry, {"image": "image"}, {"room": 9})}, {"s": "hungry.scores"})
    outcomes = list(execute(graph, tall(8, 3), Provider(), window=4, batch=4))
    assert [i for i, outcome in enumerate(outcomes) if outcome.failure] == [3]
    assert "CUDA out of memory" in outcomes[3].error
    assert Hungry.calls[-1] == 4


class Careless(Stage):
    """Gives whatever it is told to give."""

    name = "tiny.careless"
    answer = staticmethod(lambda images: None)

    class Outputs(NamedTuple):
        boxes: Batch[Boxes]
        scores: Batch[Scores]

    def run(self, image: Batch[Image]) -> Outputs:
        return self.answer(image)


def scores(*values: float) -> Scores:
    return Scores(torch.tensor(values))


NO_BOXES = Boxes(torch.zeros(0, 4))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            lambda images: None,
            "stage 'tiny.careless' must give a NamedTuple of boxes, scores, got NoneType",
        ),
        (
            lambda images: ([NO_BOXES] * 3, [scores()] * 3),
            "stage 'tiny.careless' must give a NamedTuple of boxes, scores, got tuple",
        ),
        (
            lambda images: Weigh.Outputs([scores()] * 3),
            "stage 'tiny.careless' must give a NamedTuple of boxes, scores, "
            "got a NamedTuple of scores",
        ),
        (
            lambda images: Careless.Outputs([NO_BOXES] * 3, torch.zeros(3)),
            "stage 'tiny.careless': port 'scores' must be a list of Scores, got Tensor",
        ),
        (
            lambda images: Careless.Outputs([NO_BOXES] * 3, [scores()] * 2),
            "stage 'tiny.careless': port 'scores' must give one Scores a sample, "
            "got 2 for 3 samples",
        ),
    ],
)
def test_an_answer_of_the_wrong_shape_is_said_clearly(monkeypatch, answer, message):
    monkeypatch.setattr(Careless, "answer", staticmethod(answer))
    graph = method({"care": (Careless, {"image": "image"})}, {"scores": "care.scores"})
    outcomes = list(execute(graph, pictures(3), Provider()))
    assert [outcome.error for outcome in outcomes] == [f"node 'care': {message}"] * 3


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (NO_BOXES, "stage 'tiny.careless': port 'scores' must give Scores, got Boxes"),
        (None, "stage 'tiny.careless': port 'scores' must give Scores, got NoneType"),
        (
            scores(0.5, float("nan")),
            "stage 'tiny.careless': port 'scores': values has NaN or infinite numbers",
        ),
        (
            scores(-float("inf")),
            "stage 'tiny.careless': port 'scores': values has NaN or infinite numbers",
        ),
    ],
)
def test_one_wrong_value_fails_one_sample(monkeypatch, bad, message):
    good = scores(0.5)
    answer = staticmethod(lambda images: Careless.Outputs([NO_BOXES] * 3, [good, bad, good]))
    monkeypatch.setattr(Careless, "answer", answer)
    graph = method({"care": (Careless, {"image": "image"})}, {"scores": "care.scores"})
    outcomes = list(execute(graph, pictures(3), Provider()))
    assert [o.error for o in outcomes] == [None, f"node 'care': {message}", None]
    assert outcomes[2].outputs["scores"] is good


def unreadable():
    raise InputError("the image is truncated", where="photo.jpg", fix="copy it again")


def missing():
    raise FileNotFoundError(2, "No such file or directory", "gone.png")


def test_a_sample_that_cannot_be_read_fails_alone():
    samples = [
        *pictures(2),
        Sample("cut", unreadable),
        Sample("gone", missing),
        Sample("empty", {}),
        Sample("wrong", {"image": "photo.jpg"}),
        Sample("good", lambda: {"image": picture(3), "unused": None}),
    ]
    events = []
    outcomes = list(
        execute(find_and_paint(), samples, Provider(), window=3, listeners=[events.append])
    )
    assert [outcome.error for outcome in outcomes] == [
        None,
        None,
        "photo.jpg: the image is truncated (copy it again)",
        "sample 'gone': FileNotFoundError: [Errno 2] No such file or directory: 'gone.png'",
        "sample 'empty': input 'image' (Image) is missing",
        "sample 'wrong': input 'image' must be Image, not str",
        None,
    ]
    assert all(isinstance(o.failure, InputError) for o in outcomes if o.failure)
    assert len(outcomes[-1].outputs["masks"]) == 3
    assert events[-1] == RunFinished(7, 4, events[-1].seconds)


def test_all_samples_may_be_unreadable():
    models = Provider()
    outcomes = list(execute(find_and_paint(), [Sample("a", unreadable)] * 3, models))
    assert len(outcomes) == 3
    assert models.loads == {}


def test_samples_that_break_off_end_the_run_after_those_before():
    def listing():
        yield from pictures(5)
        raise OSError("the folder went away")

    done = []
    run = execute(find_and_paint(), listing(), Provider(), window=4)
    with pytest.raises(OSError, match="went away"):
        done.extend(outcome.id for outcome in run)
    assert done == ["s0", "s1", "s2", "s3", "s4"]


def test_a_failure_in_one_method_leaves_the_others_their_results():
    fails = method(
        {"picky": (Picky, {"image": "image"}, {"heights": (99,)})}, {"s": "picky.scores"}
    )
    works = method(
        {"find": (Find, {"image": "image"}, {}, {"finder": "small"})},
        {"boxes": "find.boxes"},
        "works",
    )
    events = []
    outcomes = list(execute_many([fails, works], tall(4, 1), Provider(), listeners=[events.append]))
    assert [one.failure is None for one, _ in outcomes] == [True, False, True, True]
    assert [other.failure for _, other in outcomes] == [None] * 4
    failed = [e for e in events if isinstance(e, SampleFailed)]
    assert [(e.id, e.method) for e in failed] == [("s1", "tiny")]
    assert events[-1].failed == 1


def test_a_failure_shared_by_equal_samples_fails_them_all():
    samples = [Sample(f"s{i}", {"image": picture(1, 99 if i % 2 else 10)}) for i in range(4)]
    outcomes = list(execute(picky(99), samples, Provider()))
    assert [outcome.failure is None for outcome in outcomes] == [True, False, True, False]
    assert Picky.calls == [2, 1, 1]


def test_kept_values_of_a_failed_sample_are_those_before_it_failed():
    class Refuse(Weigh):
        name = "tiny.refuse"

        def run(self, scores: Batch[Scores]) -> Weigh.Outputs:
            raise ValueError("no")

    graph = method(
        {
            "find": (Find, {"image": "image"}, {}, {"finder": "small"}),
            "refuse": (Refuse, {"scores": "find.scores"}),
        },
        {"scores": "refuse.scores"},
    )
    (outcome,) = execute(graph, pictures(1), Provider(), keep_values=True)
    assert {str(source) for source in outcome.values} == {"image", "find.boxes", "find.scores"}
    assert same(outcome.values, dict(outcome.values))


class GoneError(InputError):
    """Nothing that any sample could still be answered by."""

    ends_run = True


def test_an_error_that_would_meet_every_sample_ends_the_run_at_once(monkeypatch):
    monkeypatch.setattr(Picky, "error", GoneError("no server answers here"))
    run = execute(picky(99), tall(6, 3), Provider(), window=3, batch=3)
    assert [next(run).failure for _ in range(3)] == [None] * 3
    with pytest.raises(GoneError, match="no server"):
        next(run)
    assert Picky.calls == [3, 3]  # not tried one by one
