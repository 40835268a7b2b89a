"""Models that do not fit into memory together take turns; one that never fits ends the run."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from openseg.graph.events import ModelLoaded
from openseg.graph.executor import execute
from openseg.types.errors import NoRoomError
from tests.graph.tiny import Find, Provider, method, pictures


class Cramped(Provider):
    """Has room for some models at once."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.resident: list[str] = []

    def load(self, family: str) -> Any:
        if len(self.resident) == self.room:
            raise NoRoomError("its weights take 3.0 GB", where=f"model '{family}'")
        self.resident.append(family)
        return super().load(family)

    def release(self, family: str) -> None:
        self.resident.remove(family)


def run(room: int):
    graph = method(
        {
            "one": (Find, {"image": "image"}, {}, {"finder": "small"}),
            "other": (Find, {"image": "image"}, {"scale": 2.0}, {"finder": "large"}),
        },
        {"first": "one.boxes", "second": "other.boxes"},
    )
    events = []
    provider = Cramped(room)
    found = list(execute(graph, pictures(6), provider, window=2, listeners=[events.append]))
    values = [[one.outputs[name].xyxy for name in ("first", "second")] for one in found]
    return values, [one.family for one in events if isinstance(one, ModelLoaded)]


def test_models_take_turns_and_give_the_same():
    together, loaded = run(room=2)
    assert loaded == ["small", "large"]
    in_turn, loaded = run(room=1)
    assert loaded == ["small", "large"] * 3
    for one, other in zip(together, in_turn, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_model_that_never_fits_ends_the_run_with_its_size():
    with pytest.raises(NoRoomError, match=r"model 'small': its weights take 3.0 GB"):
        run(room=0)
