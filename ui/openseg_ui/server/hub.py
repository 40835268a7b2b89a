"""One hub a server: the line of jobs, models loaded once for all sessions, and the runs made."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openseg.graph.events import Listener, Timings
from openseg.graph.loader import Problem, missing_weights, pipeline_names
from openseg.graph.loader import load as load_graph
from openseg.models.catalogue import PROFILES
from openseg.models.store import ModelStore
from openseg.types import Boxes, Image, Points, TextQuery
from openseg.types.errors import OpensegError, UserError
from openseg_ui.server import untrusted
from openseg_ui.server.jobs import Job, Line
from openseg_ui.server.runs import Asked, Run, Runs
from openseg_ui.settings import Settings

if TYPE_CHECKING:
    from openseg.graph.graph import Graph
    from openseg_ui.server.images import Photo

_GIVEN = {Boxes, Image, Points, TextQuery}
"""What the pages can ask a user for; other inputs stay empty where they may be left out."""


class Hub:
    """What all sessions of a server share.

    Args:
        settings: What the server was started with.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.line = Line()
        self.runs = Runs(int(settings.kept_gigabytes * 2**30))
        self._stores: dict[str, ModelStore] = {}
        self._lock = threading.Lock()

    def weights(self) -> list[str]:
        """The weights that may be chosen: profiles, and folders given at the start."""
        return [*PROFILES, *self.settings.weights]

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """The shipped methods that run on one image and what a user says or draws."""
        return tuple(name for name in pipeline_names() if self._of_one_image(name))

    def _of_one_image(self, name: str) -> bool:
        try:
            graph = self.graph(name)
        except OpensegError:  # chosen, it tells what is wrong
            return True
        kinds = graph.inputs.items()
        needed = {kind for input_, kind in kinds if input_ not in graph.optional}
        asked = _GIVEN & set(graph.inputs.values())
        return Image in needed and needed <= _GIVEN and asked > {Image}

    def graph(self, method: str, weights: str = "mini", sets: Sequence[str] = ()) -> Graph:
        """Loads a shipped method without its models.

        Raises:
            MethodError: If a setting is wrong, or larger than a browser may ask for.
            UserError: If there is no such method, or the weights may not be used here.
        """
        if method not in pipeline_names():  # a path from the browser would read the server's files
            raise UserError(f"there is no method '{method}' here", fix="choose one of the list")
        for one in sets:
            if untrusted.names_file(one.partition("=")[2].strip("'\"")):
                raise UserError("settings from a browser may not name files", where=one[:80])
        graph = load_graph(method, self.store(weights), list(sets))
        for problem in untrusted.excess(graph):
            raise problem.error()
        return graph

    def is_shipped(self, method: str, resolved: Mapping[str, Any]) -> bool:
        """Whether a method is the shipped one of that name, with all its settings."""
        if method not in pipeline_names():
            return False
        known = json.loads(json.dumps(self.graph(method).resolved))
        return bool(known == resolved)

    def weights_of(self, fingerprints: Mapping[str, str]) -> str | None:
        """The weights of this server that have these fingerprints, by family; None if none do."""
        for name in self.weights():
            store = self.store(name)
            try:
                if all(store.fingerprint(family) == one for family, one in fingerprints.items()):
                    return name
            except OpensegError:  # these weights are not on this machine
                continue
        return None

    def check_text(self, text: str) -> list[Problem]:
        """The faults of a method written in a browser."""
        return untrusted.check_text(text, self.store("mini"))

    def composed(self, text: str, weights: str = "mini") -> Graph:
        """Loads a method written in a browser, without its models.

        Raises:
            MethodError: If it has a fault.
        """
        return untrusted.load_text(text, self.store(weights))

    def missing(self, graph: Graph, weights: str) -> list[OpensegError]:
        """What keeps a method's models from loading on this machine."""
        return [one.error() for one in missing_weights(graph, self.store(weights))]

    def submit(self, asked: Asked, photo: Photo, who: str = "") -> Job:
        """Puts a run in the line; the job's result is the kept `Run`.

        Args:
            asked: What to run.
            photo: The image to run it on.
            who: Shown to those who wait behind it.
        """

        def work(listener: Listener) -> Run:
            return self.runs.keep(self._run(asked, photo, listener))

        return self.line.submit(Job(who or asked.method, work))

    def _run(self, asked: Asked, photo: Photo, listener: Listener) -> Run:
        from openseg.api.inputs import Request, samples_of
        from openseg.api.method import Method
        from openseg.io.images import image_from

        if asked.yaml:
            graph = self.composed(asked.yaml, asked.weights)
        else:
            graph = self.graph(asked.method, asked.weights, asked.sets)
        method = Method(graph, self.store(asked.weights))
        drawn = asked.prompts
        request = Request(
            asked.text,
            drawn.boxes or None,
            drawn.points or None,
            drawn.scribbles or None,
            drawn.negative_points or None,
        )
        samples = samples_of(
            graph,
            {asked.image_name: image_from(photo.picture, photo.name)},
            request,
            method.models.device,
        )
        timings = Timings()
        outcomes: list[Any] = list(method.stream(samples, [timings, listener], keep_values=True))
        result = method.result(outcomes[0])
        result.masks  # noqa: B018 (no page can show a method without masks, and this says so)
        return Run(asked, photo, result, timings)

    def store(self, weights: str) -> ModelStore:
        """The loaded models of a profile or folder, the same for all sessions.

        Raises:
            UserError: If these weights may not be used here.
        """
        if weights not in self.weights():
            raise UserError(f"the weights '{weights}' may not be used here", fix="choose others")
        with self._lock:  # two stores of the same weights would load every model twice
            if weights not in self._stores:
                choice = weights if weights in PROFILES else Path(weights)
                self._stores[weights] = ModelStore(choice, self.settings.device)
            return self._stores[weights]
