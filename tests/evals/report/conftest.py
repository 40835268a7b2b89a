"""A finished evaluation with its reports, made once for all tests here."""

from __future__ import annotations

import json

import pytest

from openseg.graph import registry
from openseg_evals.plain_pickle import read_plain_pickle
from openseg_evals.report.write import write_reports
from tests.evals.datasets.expressions import write_pickle
from tests.evals.run.toys import (
    Cut,
    Find,
    lines,
    toy_benchmark,
    toy_run,
    write_data,
    write_method,
)

NASTY = "<script>alert('a & b')</script> | **red**"

REPORTED = [
    {
        "method": "Old | Method <2>",
        "pipeline": "two",
        "metric": "mIoU",
        "value": 50.5,
        "source": "A & B, table 3",
        "differs": "pictures <1 MB",
    },
    {"method": "Other", "metric": "mIoU", "value": 40, "source": "C"},
]


@pytest.fixture(scope="session")
def evaluation(tmp_path_factory):
    """Two methods, the oracle, a published number, a failure, and words that look like HTML."""
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        for stage in (Find, Cut):
            patch.setitem(registry._stages, stage.name, stage)
        write_data(folder / "data", images=5)
        _ask(folder / "data" / "toys" / "refs(unc).p", NASTY)
        run = toy_run(
            folder,
            write_method(folder, "two"),
            write_method(folder, "five", columns=5, broken="blue"),
            benchmark=toy_benchmark(folder, reported=REPORTED),
            oracle=True,
        )
        write_reports(run)
    return run


def _ask(file, words):
    """The first sentence asks for something that no picture has."""
    refs = read_plain_pickle(file.read_bytes(), str(file))
    refs[0]["sentences"][0].update(raw=words, sent=words)
    write_pickle(file, refs)


@pytest.fixture(scope="session")
def page(evaluation) -> str:
    return (evaluation.folder / "report.html").read_text("utf-8")


@pytest.fixture(scope="session")
def markdown(evaluation) -> str:
    return (evaluation.folder / "report.md").read_text("utf-8")


@pytest.fixture(scope="session")
def results(evaluation):
    return json.loads((evaluation.folder / "results.json").read_text())


@pytest.fixture(scope="session")
def units(evaluation):
    return lines(evaluation.folder / "units.jsonl")
