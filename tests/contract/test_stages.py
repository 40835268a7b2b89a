"""One contract for every registered stage: types, zero regions, batch = loop, determinism."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from openseg.graph.codec import to_device
from openseg.graph.registry import find_stage, stage_names
from openseg.graph.stage import signature_of
from openseg.models.store import ModelStore
from openseg.models.tasks.scene_proposing import SceneProposer
from openseg.types import Instances3D
from tests.contract.values import EMPTY, RAGGED, SampleShape, value_of
from tests.stages.tiny import tiny_store

SMALLER = {
    "propose.automatic_masks": {"points_per_side": 4},
    "embed.concepts": {"steps": 2, "draws": 2},
    "query.retrieve": {"count": 3},
}
"""Settings that keep a stage's work small; its behaviour stays the same."""

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.fixture(scope="module", params=DEVICES)
def store(request, tmp_path_factory) -> ModelStore:
    """Mini models; families without one are random and tiny."""
    return tiny_store(tmp_path_factory.mktemp("tiny"), request.param)


def make(name: str, store: ModelStore):
    """The stage with its default settings, its roles played by mini models."""
    stage = find_stage(name)
    config = stage.Config(**SMALLER.get(name, {}))
    roles = {
        role: SceneHalves() if protocol is SceneProposer else store.load(_player(store, protocol))
        for role, protocol in signature_of(stage).roles.items()
    }
    return stage(config, **roles)


class SceneHalves:
    """A `SceneProposer`, since no 3D network is shipped: the lower and upper half of a cloud."""

    def propose(self, clouds):
        heights = [cloud.positions[:, 2] for cloud in clouds]
        halves = [torch.stack([height < 1, height >= 1]) for height in heights]
        return [Instances3D.from_masks(one, torch.ones(2, device=one.device)) for one in halves]


def _player(store: ModelStore, protocol: type) -> str:
    """A family with mini weights that fulfils the protocol."""
    families = ("grounding-dino", "sam", "clip", "dinov2", "stable-diffusion", "vlm")
    for family in (*families, "mask2former", "oneformer", "sam3", "image-archive", "parser"):
        if protocol in store.protocols(family):
            return family
    raise AssertionError(f"no mini model fulfils {protocol.__name__}")


def run(stage, shapes: tuple[SampleShape, ...], device: torch.device):
    """Runs the stage on generated inputs, one list a port."""
    ports = signature_of(type(stage)).inputs
    inputs = {
        name: [to_device(value_of(port.kind, shape), device) for shape in shapes]
        for name, port in ports.items()
    }
    return stage.run(**inputs)


def tensors(value) -> list[torch.Tensor]:
    """The tensors of a value, on the CPU."""
    fields = [getattr(value, field.name) for field in dataclasses.fields(value)]
    return [field.cpu() for field in fields if isinstance(field, torch.Tensor)]


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Equal up to the rounding of a differently batched matrix product."""
    if a.shape != b.shape:
        return False
    if a.is_floating_point():
        return torch.allclose(a, b, atol=1e-3, rtol=1e-3)
    return bool((a != b).float().mean() <= 1e-3) if a.numel() else True


@pytest.mark.parametrize("name", stage_names())
class TestEveryStage:
    def test_outputs_have_the_declared_types_and_one_value_a_sample(self, name, store):
        stage = make(name, store)
        outputs = run(stage, RAGGED, store.device)
        for port in signature_of(type(stage)).outputs.values():
            values = getattr(outputs, port.name)
            assert len(values) == len(RAGGED)
            assert all(type(value) is port.kind for value in values)

    def test_outputs_stay_on_the_device(self, name, store):
        stage = make(name, store)
        for values in run(stage, RAGGED, store.device):
            for value in values:
                for field in dataclasses.fields(value):
                    tensor = getattr(value, field.name)
                    if isinstance(tensor, torch.Tensor):
                        assert tensor.device.type == store.device.type

    def test_zero_regions_are_a_normal_input(self, name, store):
        outputs = run(make(name, store), (EMPTY,), store.device)
        assert all(len(values) == 1 for values in outputs)

    def test_a_batch_gives_what_a_loop_gives(self, name, store):
        stage = make(name, store)
        together = run(stage, RAGGED, store.device)
        for i, shape in enumerate(RAGGED):
            alone = run(stage, (shape,), store.device)
            for batch_values, loop_values in zip(together, alone, strict=True):
                pairs = zip(tensors(batch_values[i]), tensors(loop_values[0]), strict=True)
                assert all(close(a, b) for a, b in pairs)

    def test_the_same_inputs_give_the_same_outputs(self, name, store):
        stage = make(name, store)
        first, second = (run(stage, RAGGED, store.device) for _ in range(2))
        for a_values, b_values in zip(first, second, strict=True):
            for a, b in zip(a_values, b_values, strict=True):
                pairs = zip(tensors(a), tensors(b), strict=True)
                assert all(torch.equal(x, y) for x, y in pairs)

    def test_every_setting_is_documented(self, name, store):
        for key, field in find_stage(name).Config.model_fields.items():
            assert field.description, f"{name}.{key} has no description"
        assert find_stage(name).__doc__
