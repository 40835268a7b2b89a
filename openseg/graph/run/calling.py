"""Calls a stage on a batch and checks what it gives against what it promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from openseg.graph.codec import tensors_in
from openseg.graph.run.meter import Meter
from openseg.graph.run.plan import Step
from openseg.graph.stage import Stage
from openseg.types.errors import StageError

Outputs = dict[str, Any]


def call_stage(
    step: Step, stage: Stage, arguments: Mapping[str, list[Any]], size: int, meter: Meter
) -> list[Outputs | Exception]:
    """Runs a stage on a batch.

    Gradients are off; a stage that needs them turns them on. Torch's global generators start from
    the same seed in every call, so that a run can be repeated; a stage that draws numbers takes
    them from a generator of its own for each sample, or a batch does not give what a loop gives.

    Args:
        step: What is run.
        stage: The stage, ready.
        arguments: The values at each connected input port.
        size: How many samples the batch has.
        meter: Told of the call.

    Returns:
        For each sample its outputs by port, or a `StageError` that says what is wrong with them.

    Raises:
        Exception: Whatever the stage raises.
    """
    import torch

    with meter.running(), torch.no_grad(), _seeded(step.definition, meter.device):
        result = stage.run(**arguments)
    broken = _broken_promise(step, result, size)
    if broken is not None:
        return [StageError(broken)] * size
    outputs = [{port: getattr(result, port)[i] for port in step.outputs} for i in range(size)]
    flaws: dict[int, str] = {}
    for i, one in enumerate(outputs):
        for port, kind in step.outputs.items():
            if type(one[port]) is not kind:
                flaws[i] = f"{_port(step, port)} must give {kind.__name__}, got {_kind(one[port])}"
    flaws |= _not_finite(step, {i: one for i, one in enumerate(outputs) if i not in flaws})
    return [StageError(flaws[i]) if i in flaws else one for i, one in enumerate(outputs)]


@contextmanager
def _seeded(definition: str, device: Any) -> Iterator[None]:
    """Starts torch's global generators from a seed of the node's own, and restores them after."""
    import torch

    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(int(definition[:15], 16))
        yield


def _broken_promise(step: Step, result: Any, size: int) -> str | None:
    """What is wrong with the shape of a stage's answer as a whole."""
    fields = getattr(result, "_fields", None)
    if fields != tuple(step.outputs):
        got = f"a NamedTuple of {', '.join(fields)}" if fields else _kind(result)
        wanted = ", ".join(step.outputs)
        return f"stage '{step.node.stage.name}' must give a NamedTuple of {wanted}, got {got}"
    for port, kind in step.outputs.items():
        values = getattr(result, port)
        if not isinstance(values, list):
            return f"{_port(step, port)} must be a list of {kind.__name__}, got {_kind(values)}"
        if len(values) != size:
            return (
                f"{_port(step, port)} must give one {kind.__name__} a sample, "
                f"got {len(values)} for {size} samples"
            )
    return None


def _not_finite(step: Step, outputs: Mapping[int, Outputs]) -> dict[int, str]:
    """Which samples have NaN or infinite numbers, and where; waits for the device once."""
    import torch

    checks = [
        (i, f"{_port(step, port)}: {path} has NaN or infinite numbers", tensor.isfinite().all())
        for i, one in outputs.items()
        for port, value in one.items()
        for path, tensor in tensors_in(value)
        if tensor.is_floating_point()
    ]
    if not checks:
        return {}
    finite: Sequence[bool] = torch.stack([flag for _, _, flag in checks]).tolist()
    return {i: text for (i, text, _), ok in zip(checks, finite, strict=True) if not ok}


def _port(step: Step, port: str) -> str:
    return f"stage '{step.node.stage.name}': port '{port}'"


def _kind(value: Any) -> str:
    return type(value).__name__
