"""A run's time split into models, glue and waiting adds up to the run."""

from __future__ import annotations

import json

import pytest
import torch

from openseg.api.inputs import Request, samples_of
from openseg.api.method import load
from openseg.graph.events import NodeFinished, NodeStarted, RunFinished, RunStarted, WindowFinished
from openseg.graph.profile import Profile
from openseg.models.watched import WatchedStore


def finished(node, seconds):
    return NodeFinished(node, 1, 1, 0, 1, seconds, seconds, 0)


def test_what_is_not_in_models_is_glue():
    profile = Profile()
    profile(RunStarted(1, ("a", "b"), (("a", "b"),)))
    for node, seconds, calls in (("a", 1.0, [0.5, 0.25]), ("b", 2.0, [2.0]), ("a", 1.0, [1.0])):
        profile(NodeStarted(node, 1))
        for call in calls:
            profile.called(call)
        profile(finished(node, seconds))
    profile(WindowFinished(1))
    profile(RunFinished(1, 0, 5.0))
    assert (profile.nodes["a"].model, profile.nodes["a"].glue) == (1.75, 0.25)
    assert profile.nodes["a"].calls == 3
    assert (profile.nodes["b"].model, profile.nodes["b"].glue) == (2.0, 0.0)
    found = json.loads(json.dumps(profile.as_json()))
    assert found["glue_share"] == pytest.approx(0.25 / 4)
    assert "models alone 3.750 s: the floor of 5.000 s" in profile.summary()


def test_an_empty_run_has_no_glue():
    profile = Profile()
    profile(RunStarted(0, ("a",), (("a",),)))
    profile(RunFinished(0, 0, 0.0))
    assert profile.as_json()["glue_share"] == 0.0


def test_the_parts_of_a_run_add_up_to_it_and_change_nothing(room):
    profile = Profile()
    method = load("box_to_mask", models=WatchedStore(profile.called, device="cpu"))
    request = Request(boxes=[[40, 40, 120, 120]], points=[[80, 80]])

    def masks(method, listeners=()):
        samples = samples_of(method.graph, {"room": room}, request, method.models.device)
        [outcome] = method.stream(samples, listeners)
        return method.result(outcome).masks

    watched = masks(method, [profile])
    assert torch.equal(watched, masks(load("box_to_mask", device="cpu")))
    calls = {name: node.calls for name, node in profile.nodes.items()}
    assert calls == {"of_boxes": 2, "of_points": 2, "all": 0}  # segment and pixels each
    assert profile.nodes["of_boxes"].model > 0
    parts = profile.model + profile.glue + profile.loading + profile.reading + profile.writing
    assert parts == pytest.approx(profile.seconds, rel=0.1, abs=0.05)


@pytest.fixture
def room():
    from importlib.resources import files

    return str(files("openseg") / "mini" / "samples" / "room.jpg")
