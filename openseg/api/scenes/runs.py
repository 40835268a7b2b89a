"""A method over many scenes, into a run folder that survives being stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openseg.api.inputs import Request
from openseg.api.job import Item, Job, Summary, carry_out
from openseg.api.method import Method
from openseg.api.run_folder import SceneRunFolder, run_identity
from openseg.api.scenes.calls import problems_of, record_of_scene, scene_result
from openseg.api.scenes.exports import SCENE_EXPORTS, CloudExport
from openseg.api.scenes.inputs import GivenScene, SceneSamples
from openseg.api.scenes.reading import clear_objects
from openseg.api.scenes.records import SceneRecord
from openseg.graph.engine.work import Engine
from openseg.graph.events import Listener
from openseg.graph.graph import Sample
from openseg.io.scenes.finding import scene_ids
from openseg.types import Instances3D
from openseg.types.errors import UserError

SCENE_FORMATS = frozenset(SCENE_EXPORTS)


@dataclass(frozen=True)
class SceneRunRequest:
    """What to run a method on.

    Attributes:
        paths: The scenes, in order.
        text: What to look for; None for methods without words.
        formats: Which exports to write, of `SCENE_FORMATS`.
        limit: Run only so many of the scenes.
        objects: Labelled points or proposals, for methods that are told some: a file, or a folder
            of files named after scenes; by default they lie in each scene's folder.
    """

    paths: Sequence[Path]
    text: str | None = None
    formats: frozenset[str] = SCENE_FORMATS
    limit: int | None = None
    objects: Path | None = None


def run_scenes(
    method: Method,
    request: SceneRunRequest,
    out: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    listeners: Sequence[Listener] = (),
    engine: Engine | None = None,
) -> Summary:
    """Runs a method on scenes and writes the run folder, as `openseg.api.job.carry_out` does.

    Args:
        method: The method.
        request: What to run it on.
        out: The run folder; made if missing.
        resume: Go on with the run that lies there; scenes it already has are not run again.
        overwrite: Replace the run that lies there.
        listeners: Called with every event.
        engine: Where it is worked on; in this process by default.

    Raises:
        UserError: If the method takes no scenes, or the folder cannot be used.
    """
    paths = dict(zip(scene_ids(request.paths), request.paths, strict=True))
    paths = dict(list(paths.items())[: request.limit])
    asked = Request(request.text, inputs=_objects(method, request.objects))
    SceneSamples(method.graph, {}, asked, method.models.device)  # refuses what it cannot take
    given = _Given(method, asked)

    def failed(item: Item, error: str) -> SceneRecord:
        id_, path = item
        problems = problems_of(given.found(id_))
        return SceneRecord(id_, str(path), problems=problems, error=error)

    job = Job(
        feed=given.feed,
        folder=SceneRunFolder,
        identity={
            **run_identity(method, asked),
            "kind": SceneRunFolder.kind,
            "objects": str(request.objects) if request.objects else None,
        },
        text=request.text,
        result=lambda outcome: scene_result(method, outcome, given.found(outcome.id)),
        record=record_of_scene,
        failed=failed,
        exports=lambda folder: [
            CloudExport(folder),
            *(SCENE_EXPORTS[name](folder) for name in sorted(request.formats)),
        ],
        regions=lambda record: [(one.phrase, one.score) for one in record.instances],
        clear=clear_objects,
        remarks=lambda record: [f"{one.where}: {one.what} ({one.fix})" for one in record.problems],
        words=("scenes", "objects"),
    )
    return carry_out(
        method,
        job,
        list(paths.items()),
        out,
        resume=resume,
        overwrite=overwrite,
        listeners=listeners,
        engine=engine,
    )


class _Given:
    """The scenes that are being worked on, and what was found when they were read."""

    def __init__(self, method: Method, request: Request) -> None:
        self._method = method
        self._request = request
        self._samples: SceneSamples | None = None

    def feed(self, items: Sequence[Item]) -> list[Sample]:
        """The samples of some scenes."""
        device = self._method.models.device
        self._samples = SceneSamples(self._method.graph, dict(items), self._request, device)
        return self._samples.samples

    def found(self, id_: str) -> GivenScene | None:
        """What was found in a scene."""
        return self._samples.found.get(id_) if self._samples else None


def _objects(method: Method, path: Path | None) -> dict[str, Path]:
    """Where the objects lie that the method is told, for the inputs that take some."""
    if path is None:
        return {}
    names = [name for name, kind in method.graph.inputs.items() if kind is Instances3D]
    if not names:
        raise UserError(f"the method '{method.graph.name}' is told no objects", where="objects")
    return dict.fromkeys(names, path)
