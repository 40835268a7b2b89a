"""A method with its models, ready to be called: what `openseg.load` gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

from openseg.api.inputs import Request, samples_of
from openseg.api.result import Result
from openseg.api.scenes.calls import call_scenes
from openseg.api.scenes.inputs import takes_scenes
from openseg.api.scenes.result import SceneResult
from openseg.api.supports import templates_of
from openseg.graph.cache import Cache
from openseg.graph.engine.work import Done, Item, Work
from openseg.graph.events import Listener
from openseg.graph.executor import execute
from openseg.graph.graph import Graph, Outcome, Sample
from openseg.graph.loader import load as load_graph
from openseg.io.remote.places import cache_folder
from openseg.io.scenes.scene import Scene
from openseg.models.store import ModelStore
from openseg.types import Image


def load(
    method: str | Path,
    weights: str | Path | Mapping[str, str | Path] = "mini",
    *,
    device: str = "auto",
    dtype: str = "auto",
    settings: Sequence[str] = (),
    batch: int = 8,
    cache: Path | None = None,
    models: ModelStore | None = None,
    record: Path | None = None,
) -> Method:
    """Loads a method; its models are loaded when it is first called.

    Args:
        method: The name of a shipped pipeline, or a path to a YAML file.
        weights: A profile (`mini`, `base`, `large`), a folder of checkpoints, or one of these a
            model family, as a mapping or as text: `mini,vlm=DIR`.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.
        dtype: `auto`, `float32`, `float16`, `bfloat16`.
        settings: Changes of the method's settings, each `node.key=value`.
        batch: The most images a stage sees at once.
        cache: A folder in which the outputs of nodes are kept across runs.
        models: A store whose loaded models this method shares with others of the same store; it
            has weights, device and dtype of its own, so that those here do not count.
        record: A file that keeps every reply of language models; in a folder by the name
            `replies.jsonl` it is a model that replays them. For it to hold all, nothing is taken
            from the cache.

    Raises:
        openseg.types.errors.MethodError: If the YAML has a fault.
        openseg.types.errors.MissingWeightsError: If a checkpoint is not on this machine.
    """
    store = models or ModelStore(weights=weights, device=device, dtype=dtype, record=record)
    graph = load_graph(str(method), store, settings)
    for family in graph.families():
        store.locate(family)
    kept = Cache(cache) if cache and not record else None
    return Method(graph, store, batch=batch, cache=kept)


class Method:
    """A checked graph and the models it runs on.

    Attributes:
        graph: The method's graph.
        models: Where its nodes get their models.
        batch: The most samples a stage sees at once.
        cache: Where outputs of nodes are kept across calls, or None.
    """

    def __init__(
        self, graph: Graph, models: ModelStore, *, batch: int = 8, cache: Cache | None = None
    ) -> None:
        self.graph = graph
        self.models = models
        self.batch = batch
        self.cache = cache

    @overload
    def __call__(
        self, image: Sequence[Any], text: str | None = None, **inputs: Any
    ) -> list[Result]: ...

    @overload
    def __call__(self, image: Any, text: str | None = None, **inputs: Any) -> Result: ...

    @overload
    def __call__(
        self, *, scene: str | Path | Scene, text: str | None = None, **inputs: Any
    ) -> SceneResult: ...

    @overload
    def __call__(
        self, *, scene: list[Any] | tuple[Any, ...], text: str | None = None, **inputs: Any
    ) -> list[SceneResult]: ...

    def __call__(
        self,
        image: Any = None,
        text: str | None = None,
        *,
        scene: Any = None,
        boxes: Sequence[Sequence[float]] | None = None,
        points: Sequence[Sequence[float]] | None = None,
        scribbles: Sequence[Sequence[Sequence[float]]] | None = None,
        negative_points: Sequence[Sequence[float]] | None = None,
        support: Sequence[Sequence[Any]] = (),
        mask: Any = None,
        **inputs: Any,
    ) -> Result | list[Result] | SceneResult | list[SceneResult]:
        """Runs the method on an image or a scene, or on a list of these.

        Args:
            image: A path, PIL image, uint8 array `[h, w, 3]`, or a list of these (a batch).
            text: What to look for, phrases separated by `;`; if the method takes words.
            scene: Instead of an image, for methods on scenes: the folder of a posed RGB-D scene, a
                `Scene` that was read, or a list of these.
            boxes: Boxes `[n][4]`, xyxy in pixels; if the method takes boxes.
            points: Points `[n][2]` in pixels, each in a region of its own; if the method takes
                points.
            scribbles: Strokes `[n][k][2]` in pixels, each in a region of its own; likewise.
            negative_points: Points `[n][2]` in pixels in none of these regions; likewise.
            support: Pictures of what to look for, each `(image, mask)` or `(image, mask, name)`;
                if the method takes templates.
            mask: A mask drawn on the image, or one that a former round found: a path, PIL image,
                array or tensor, bright where the thing is; if the method takes masks.
            **inputs: Further inputs of the method, as edge types.

        Returns:
            One result, or for a list a list of results in the same order; `SceneResult`s for
            scenes.

        Raises:
            OpensegError: If an input cannot be used or a stage fails.
        """
        templates = templates_of(support, text)
        several = isinstance(image, (list, tuple))
        images = list(image) if several else [image]
        named = {str(i): one for i, one in enumerate(images)}
        request = Request(
            text,
            boxes,
            points,
            scribbles,
            negative_points,
            templates=templates,
            masks=None if mask is None else dict.fromkeys(named, mask),
            inputs=inputs,
        )
        if scene is not None:
            return call_scenes(self, scene, request)
        samples = samples_of(self.graph, named, request, self.models.device)
        results = [self.result(outcome) for outcome in self.stream(samples, keep_values=True)]
        return results if several else results[0]

    def stream(
        self,
        samples: Iterable[Sample],
        listeners: Sequence[Listener] = (),
        *,
        keep_values: bool = False,
    ) -> Iterator[Outcome]:
        """Runs the method on samples, as they come; failed samples are outcomes too.

        Args:
            samples: What to run on; read ahead, a window at a time.
            listeners: Called with every event of the run.
            keep_values: Whether outcomes carry every value that flowed, as traces need.
        """
        return execute(
            self.graph,
            samples,
            self.models,
            window=self._window,
            batch=self.batch,
            cache=self.cache,
            listeners=listeners,
            keep_values=keep_values,
        )

    def work(
        self,
        feed: Callable[[Sequence[Item]], Iterable[Sample]],
        finish: Callable[[Item, tuple[Outcome, ...]], Done],
        run: str,
    ) -> Work[Item, Done]:
        """The method as an engine takes it; see `openseg.graph.engine.work.Work`.

        Args:
            feed: Makes the samples of items.
            finish: Brings the outcome of an item to what is kept of it.
            run: A name of the run's own.
        """
        window = self._window
        return Work([self.graph], self.models, feed, finish, window, self.batch, self.cache, run)

    @property
    def _window(self) -> int:
        """How many samples are in work at once: several batches of images, or a scene."""
        return 1 if takes_scenes(self.graph) else 2 * self.batch

    def result(self, outcome: Outcome) -> Result:
        """The result of one outcome.

        Raises:
            OpensegError: The failure of the sample, if it failed.
        """
        if outcome.failure is not None:
            raise outcome.failure
        image = next(v for v in outcome.values.values() if isinstance(v, Image))
        return Result(image, outcome.outputs, outcome.values, self.graph, outcome.id)

    def __repr__(self) -> str:
        return f"<Method {self.graph.name} on {self.models.device}>"


def default_cache() -> Path:
    """The folder of the command line's cache: `$OPENSEG_CACHE`, or the user's cache folder."""
    return cache_folder()
