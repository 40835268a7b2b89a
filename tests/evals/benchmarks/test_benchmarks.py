"""Every shipped benchmark names things that exist: none fails after an hour of predictions."""

from __future__ import annotations

import pytest

from openseg.graph.loader import pipeline_names
from openseg_evals.dataset_options import resolve_options
from openseg_evals.datasets.registry import find_loader
from openseg_evals.run.benchmark import benchmark_names, find_benchmarks
from openseg_evals.score.registry import resolve_conventions
from openseg_evals.tasks.registry import find_task

ALL = [one for name in benchmark_names() for one in find_benchmarks(name) if one.name == name]
PLANNED = {  # pipelines that reported numbers already wait for
    "frozenseg",
    "global_local_clip",
    "open_yolo_3d",
    "openmask3d",
    "reco",
    "resanything",
    "sam3_concept",
    "seem_prompts",
    "segment_anyword",
}


@pytest.mark.parametrize("benchmark", ALL, ids=lambda one: one.name)
def test_everything_it_names_exists(benchmark):
    find_task(benchmark.task)
    resolve_conventions(benchmark.metric, benchmark.conventions)
    loader = find_loader(benchmark.dataset.use)
    resolve_options(benchmark.dataset.use, loader.OPTIONS, benchmark.dataset.options)
    assert bool(benchmark.dataset.folder) != bool(benchmark.dataset.world)
    assert not benchmark.dataset.world or benchmark.dataset.scenes


@pytest.mark.parametrize("benchmark", ALL, ids=lambda one: one.name)
def test_published_numbers_have_a_source_and_fit_the_metrics_scale(benchmark):
    known = {*pipeline_names(), *PLANNED}
    for one in benchmark.reported:
        assert one.source
        assert not one.pipeline or one.pipeline in known
        assert 0 <= one.value <= benchmark.best


def test_a_file_means_all_its_variants_and_a_name_one():
    assert [one.name for one in find_benchmarks("refcoco")] == [
        "refcoco-val",
        "refcoco-testA",
        "refcoco-testB",
    ]
    assert [one.name for one in find_benchmarks("mini-ref")] == ["mini-ref"]
    assert [one.name for one in find_benchmarks("mini-ref-unseen")] == ["mini-ref-unseen"]


def test_the_issues_data_sets_all_have_a_benchmark():
    used = {one.dataset.use for one in ALL}
    assert used >= {
        "ade20k", "bop", "coco", "grandf", "grefcoco", "lvis", "pascal_context", "pascal_voc",
        "phrasecut", "reasonseg", "refcoco", "saco", "scannet", "scanrefer",
    }  # fmt: skip
