"""A method over many scenes, into a run folder that survives being stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openseg.api.inputs import Request
from openseg.api.job import Job, Summary, carry_out
from openseg.api.method import Method
from openseg.api.run_folder import SceneRunFolder, run_identity
from openseg.api.scenes.calls import problems_of, record_of_scene, scene_result
from openseg.api.scenes.exports import SCENE_EXPORTS, CloudExport
from openseg.api.scenes.inputs import SceneSamples
from openseg.api.scenes.records import SceneRecord
from openseg.graph.events import Listener
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
) -> Summary:
    """Runs a method on scenes and writes the run folder, as `openseg.api.job.carry_out` does.

    Args:
        method: The method.
        request: What to run it on.
        out: The run folder; made if missing.
        resume: Go on with the run that lies there; scenes it already has are not run again.
        overwrite: Replace the run that lies there.
        listeners: Called with every event.

    Raises:
        UserError: If the method takes no scenes, or the folder cannot be used.
    """
    paths = dict(zip(scene_ids(request.paths), request.paths, strict=True))
    paths = dict(list(paths.items())[: request.limit])
    asked = Request(request.text, inputs=_objects(method, request.objects))
    given = SceneSamples(method.graph, paths, asked, method.models.device)

    def failed(id_: str, error: str) -> SceneRecord:
        problems = problems_of(given.found.get(id_))
        return SceneRecord(id_, str(paths[id_]), problems=problems, error=error)

    job = Job(
        samples=given.samples,
        folder=SceneRunFolder,
        identity={
            **run_identity(method, asked),
            "kind": SceneRunFolder.kind,
            "objects": str(request.objects) if request.objects else None,
        },
        text=request.text,
        result=lambda outcome: scene_result(method, outcome, given.found.get(outcome.id)),
        record=record_of_scene,
        failed=failed,
        exports=lambda folder: [
            CloudExport(folder),
            *(SCENE_EXPORTS[name](folder) for name in sorted(request.formats)),
        ],
        regions=lambda record: [(one.phrase, one.score) for one in record.instances],
        remarks=lambda record: [f"{one.where}: {one.what} ({one.fix})" for one in record.problems],
        words=("scenes", "objects"),
    )
    return carry_out(method, job, out, resume=resume, overwrite=overwrite, listeners=listeners)


def _objects(method: Method, path: Path | None) -> dict[str, Path]:
    """Where the objects lie that the method is told, for the inputs that take some."""
    if path is None:
        return {}
    names = [name for name, kind in method.graph.inputs.items() if kind is Instances3D]
    if not names:
        raise UserError(f"the method '{method.graph.name}' is told no objects", where="objects")
    return dict.fromkeys(names, path)
