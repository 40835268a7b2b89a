"""`openseg eval BENCHMARK ... --pipeline A --pipeline B`: pipelines scored, compared, explained."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from openseg.cli import console
from openseg.types.errors import UserError
from openseg_evals.cli import family


def evaluate(
    benchmark: Annotated[list[str], typer.Argument(help="Benchmarks; see: openseg ls benchmarks.")],
    pipeline: Annotated[
        list[str] | None, typer.Option(help="A pipeline's name or a YAML file; may be repeated.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the data sets; default $OPENSEG_DATA or data.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the evaluation; default runs/eval/...")
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
    cache: Annotated[bool, typer.Option(help="Keep outputs of nodes for the next run.")] = True,
    offline: Annotated[
        bool, typer.Option("--offline", help="Forbid every library to use the network.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score pipelines on benchmarks; give the same command again to go on after a stop."""
    if offline:
        os.environ["HF_HUB_OFFLINE"] = "1"
    from openseg.api.method import default_cache
    from openseg.cli.progress import Remarks, progress
    from openseg_evals.report.text import as_json, as_text
    from openseg_evals.report.write import write_reports
    from openseg_evals.run.benchmark import find_benchmarks
    from openseg_evals.run.evaluate import evaluate as run
    from openseg_evals.run.request import EvalRequest, Shard, default_data

    where = data or default_data()
    if family.NAME in benchmark:
        if len(benchmark) > 1 or pipeline or oracle or shard or limit:
            fix = f"give it alone: openseg eval {family.NAME} [--data] [--out] [--weights]"
            raise UserError(f"{family.NAME} scores models, not pipelines", fix=fix)
        out = out or Path("runs") / "eval" / family.NAME
        family.evaluate_family(
            where, out, weights=weights, device=device, dtype=dtype, as_json=json_
        )
        return
    if not pipeline:
        raise UserError("no pipeline was named", fix="add --pipeline NAME; see: openseg ls")
    found = [one for name in benchmark for one in find_benchmarks(name)]
    printed = []
    for one in found:
        folder = out or Path("runs") / "eval" / _name(one.name, pipeline)
        if out and len(found) > 1:
            folder = out / one.name
        request = EvalRequest(
            pipelines=tuple(pipeline),
            out=folder,
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
        )
        with progress() as bars:
            result = run(one, request, [bars, Remarks()])
        if shard is None:
            write_reports(result)
        if not json_:
            console.say(as_text(folder, result.results))
        printed.append(as_json(result.folder, result.results))
    if json_:
        console.say_json(printed if len(printed) > 1 else printed[0])


def _name(benchmark: str, pipelines: list[str]) -> str:
    return "--".join([benchmark, *(Path(one).stem for one in pipelines)])


def register(app: typer.Typer) -> None:
    """Adds the verb to the `openseg` command."""
    app.command(name="eval")(evaluate)
