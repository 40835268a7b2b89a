"""`openseg eval BENCHMARK ... --pipeline A --pipeline B`: pipelines scored, compared, explained."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openseg.cli import console
from openseg.cli.shared_options import EngineName, KeepsOutputs, Offline, RayAddress, Workers
from openseg.io.remote.copies import bring, place_of
from openseg.io.remote.places import is_url
from openseg.types.errors import UserError
from openseg_evals.cli import family

if TYPE_CHECKING:
    from openseg.graph.events import Listener
    from openseg_evals.run.benchmark import Benchmark
    from openseg_evals.run.request import EvalRequest


def evaluate(
    benchmark: Annotated[list[str], typer.Argument(help="Benchmarks; see: openseg ls benchmarks.")],
    pipeline: Annotated[
        list[str] | None, typer.Option(help="A pipeline's name or a YAML file; may be repeated.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Folder of the data sets, or its URL; default $OPENSEG_DATA or data."),
    ] = None,
    out: Annotated[
        str | None, typer.Option(help="Folder of the evaluation, or its URL; default runs/eval/...")
    ] = None,
    oracle: Annotated[
        bool, typer.Option("--oracle", help="Also replace stages by ground truth, one by one.")
    ] = False,
    weights: Annotated[str, typer.Option(help="mini, base, large, or a folder.")] = "mini",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, float16, bfloat16.")] = "auto",
    batch: Annotated[int, typer.Option(min=1, help="Samples a stage sees at once.")] = 8,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first samples.")] = None,
    shard: Annotated[
        str | None,
        typer.Option(help="Only share i of n, as 2/8; without --shard, joins finished shares."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the evaluation that lies in the folder.")
    ] = False,
    cache: KeepsOutputs = True,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
    workers: Workers = None,
    offline: Offline = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score pipelines on benchmarks; give the same command again to go on after a stop."""
    if offline:
        os.environ["HF_HUB_OFFLINE"] = "1"
    from openseg.api.engines import engine_of
    from openseg.api.method import default_cache
    from openseg.api.published import published
    from openseg_evals.report.text import as_json
    from openseg_evals.run.benchmark import find_benchmarks
    from openseg_evals.run.request import EvalRequest, Shard

    where = _data(data)
    at = engine_of(engine, ray_address, workers)
    if family.NAME in benchmark:
        if len(benchmark) > 1 or pipeline or oracle or shard or limit:
            fix = f"give it alone: openseg eval {family.NAME} [--data] [--out] [--weights]"
            raise UserError(f"{family.NAME} scores models, not pipelines", fix=fix)
        with published(out or f"runs/eval/{family.NAME}") as (place, _):
            family.evaluate_family(
                where, place, weights=weights, device=device, dtype=dtype, as_json=json_
            )
        return
    if not pipeline:
        raise UserError("no pipeline was named", fix="add --pipeline NAME; see: openseg ls")
    found = [one for name in benchmark for one in find_benchmarks(name)]
    if data and is_url(data):
        for one in found:
            bring(f"{data.rstrip('/')}/{one.dataset.under(Path()).as_posix()}")
    asked = {one.name: _asked(one, pipeline, weights, alone=len(found) == 1) for one in found}
    with published(out or "runs/eval") as (place, copying):
        requests = [
            EvalRequest(
                pipelines=tuple(asked[one.name]),
                out=_folder(
                    place if out else None, one.name, asked[one.name], alone=len(found) == 1
                ),
                data=where,
                weights=weights,
                device=device,
                dtype=dtype,
                batch=batch,
                limit=limit,
                shard=Shard.parse(shard) if shard else None,
                oracle=oracle,
                overwrite=overwrite,
                cache=default_cache() if cache else None,
                engine=at,
            )
            for one in found
        ]
        results = _evaluate_all(list(zip(found, requests, strict=True)), copying, quiet=json_)
    if json_:
        told = [as_json(*one) for one in results]
        console.say_json(told if len(told) > 1 else told[0])
    # A number that no sample stands behind is no result.
    empty = [_tell_failures(one) for _, one in results]
    raise typer.Exit(1 if any(empty) else 0)


def _asked(benchmark: Benchmark, pipelines: list[str], weights: str, *, alone: bool) -> list[str]:
    """The pipelines that a benchmark is run with: of several benchmarks each takes its own."""
    from openseg.models.store import ModelStore
    from openseg_evals.run.fitting import fitting

    if alone:  # what does not fit is told as a mistake
        return pipelines
    found = fitting(benchmark, pipelines, ModelStore(weights))
    if not found:
        fix = "leave the benchmark out, or add a pipeline that takes what it gives"
        raise UserError("none of the pipelines fits it", where=benchmark.name, fix=fix)
    if left_out := [one for one in pipelines if one not in found]:
        console.complain(f"{benchmark.name} cannot ask, and is run without: {', '.join(left_out)}")
    return found


def _evaluate_all(
    wanted: Sequence[tuple[Benchmark, EvalRequest]], listeners: Sequence[Listener], *, quiet: bool
) -> list[tuple[Path, Mapping[str, Any]]]:
    """Runs benchmarks one after the other; what is missing for the last is told before the first.

    Args:
        wanted: The benchmarks.
        listeners: Called with every event, beside those that print.
        quiet: Whether to leave out the tables.

    Returns:
        The folder and the results of each.
    """
    from openseg.cli.progress import Remarks, progress
    from openseg_evals.report.text import as_text
    from openseg_evals.report.write import write_reports
    from openseg_evals.run.evaluate import check, evaluate

    if len(wanted) > 1:
        for benchmark, request in wanted:
            check(benchmark, request)
    results = []
    for benchmark, request in wanted:
        with console.stoppable("give the same command again to go on"), progress() as bars:
            done = evaluate(benchmark, request, [bars, Remarks(), *listeners])
        if request.shard is None:
            write_reports(done)
        if not quiet:
            console.say(as_text(request.out, done.results))
        results.append((done.folder, done.results))
    return results


def _data(given: str | None) -> Path:
    """The folder of the data sets, or of their copies."""
    from openseg_evals.run.request import default_data

    if given is None:
        return default_data()
    return place_of(given) if is_url(given) else Path(given)


def _folder(out: Path | None, benchmark: str, pipelines: list[str], *, alone: bool) -> Path:
    if out:
        return out if alone else out / benchmark
    name = "--".join([benchmark, *(Path(one).stem for one in pipelines)])
    return Path("runs") / "eval" / name


def _tell_failures(results: Mapping[str, Any]) -> bool:
    """Says how failed samples are tried again; whether a pipeline did none at all."""
    samples = results["samples"]
    failed = {name: one["failed"] for name, one in results.get("pipelines", {}).items()}
    for name, count in failed.items():
        if count:
            again = "--overwrite tries them again, what succeeded is taken from the cache"
            console.complain(f"'{name}' failed on {count} of {samples} samples ({again})")
    return samples in failed.values()


def register(app: typer.Typer) -> None:
    """Adds the verb to the `openseg` command."""
    app.command(name="eval")(evaluate)
