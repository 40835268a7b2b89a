"""What each pipeline of an evaluation costs, though they share what they can."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from openseg.api.spending import Report, since, together
from openseg.graph.events import Event, NodeFinished, RunStarted

_SUMS = ("samples", "computed", "cached", "calls", "seconds", "run_seconds")


class Costs:
    """A listener that adds up, over all sessions of an evaluation, what its nodes cost.

    Args:
        names: The methods of the run, in its order.
        before: What `as_json` gave in the session before.

    Attributes:
        run: A name of this evaluation's own, the same in all its sessions.
        spending: What language models were asked and what it cost, by family, over all sessions.
    """

    def __init__(self, names: Sequence[str], before: Mapping[str, Any] | None = None) -> None:
        self._names = tuple(names)
        self.run = str((before or {}).get("run") or uuid.uuid4().hex)
        self.nodes: dict[str, dict[str, float]] = {}
        self.methods: dict[str, list[str]] = {}
        self._spent_before: Mapping[str, Report] = (before or {}).get("spending", {})
        self.spending = dict(self._spent_before)
        if before:
            self.nodes = {name: dict(sums) for name, sums in before["nodes"].items()}
            self.methods = {name: list(nodes) for name, nodes in before["methods"].items()}

    def __call__(self, event: Event) -> None:
        """Takes in one event."""
        match event:
            case RunStarted(methods=methods):
                self.methods = {
                    name: list(nodes) for name, nodes in zip(self._names, methods, strict=True)
                }
            case NodeFinished():
                sums = self.nodes.setdefault(event.node, dict.fromkeys((*_SUMS, "peak_bytes"), 0))
                for key in _SUMS:
                    sums[key] += getattr(event, key)
                sums["peak_bytes"] = max(sums["peak_bytes"], event.peak_bytes)
            case _:
                pass

    def spend(self, now: Mapping[str, Report]) -> None:
        """Takes in what the models of this session have reported since they were loaded."""
        self.spending = together(self._spent_before, since(now, {}))

    def as_json(self) -> dict[str, Any]:
        """Plain data: the name, sums by node, which nodes each method uses, what was spent."""
        return {
            "run": self.run,
            "nodes": self.nodes,
            "methods": self.methods,
            "spending": self.spending,
        }

    @staticmethod
    def join(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The costs of shards together: sums added, the largest peak kept."""
        nodes: dict[str, dict[str, float]] = {}
        for part in parts:
            for name, sums in part["nodes"].items():
                total = nodes.setdefault(name, dict.fromkeys((*_SUMS, "peak_bytes"), 0))
                for key in _SUMS:
                    total[key] += sums[key]
                total["peak_bytes"] = max(total["peak_bytes"], sums["peak_bytes"])
        spent: Mapping[str, Report] = {}
        for part in parts:
            spent = together(spent, part.get("spending", {}))
        return {"nodes": nodes, "methods": dict(parts[0]["methods"]), "spending": dict(spent)}


def seconds_of(costs: Mapping[str, Any], method: str) -> float:
    """Seconds spent in the nodes a method uses, shared ones in full: its cost alone."""
    sums = (costs["nodes"].get(node) for node in costs["methods"][method])
    return float(sum(one["seconds"] for one in sums if one))


def peak_of(costs: Mapping[str, Any], method: str) -> int:
    """The most memory any node of a method needed, in bytes."""
    sums = (costs["nodes"].get(node) for node in costs["methods"][method])
    return int(max((one["peak_bytes"] for one in sums if one), default=0))
