"""`openseg score` as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from openseg.types.errors import UserError
from openseg_evals.cli.score import register
from openseg_evals.score.registry import METRICS
from tests.parity.evals import cases


@pytest.fixture
def app():
    app = typer.Typer(rich_markup_mode=None)
    app.callback()(lambda: None)
    register(app)
    return app


def call(app, *arguments):
    return CliRunner().invoke(app, ["score", *map(str, arguments)], catch_exceptions=True)


def test_json_is_one_object_with_the_choices_that_were_made(app, tmp_path):
    cases.referring(tmp_path)
    arguments = ["--gt", tmp_path, "--pred", tmp_path / "predictions.jsonl", "--json"]
    done = call(app, "referring", *arguments, "--set", "truth=union", "--set", "split=val")
    scores = json.loads(done.stdout)
    assert {"oIoU", "mIoU", "P@0.5", "P@0.9"} <= scores.keys()
    assert scores["conventions"]["truth"] == "union"
    plain = call(app, "referring", *arguments[:-1])
    assert "oIoU" in plain.stdout


def test_help_lists_metrics_formats_and_conventions(app):
    text = call(app, "--help").stdout
    for name, row in METRICS.items():
        assert name in text
        assert row.summary in text
    assert "truth=single|union [single]" in text


def test_a_wrong_set_is_explained(app, tmp_path):
    done = call(app, "referring", "--gt", tmp_path, "--pred", tmp_path, "--set", "truth")
    assert isinstance(done.exception, UserError)
    assert "write --set key=value" in str(done.exception)


def test_the_table_of_metrics_loads_nothing_heavy():
    code = (
        "import sys; import openseg_evals.cli.score as s; s.metric_names(); "
        "print([m for m in ('numpy', 'scipy', 'PIL', 'torch', 'pycocotools') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_scoring_loads_no_torch(tmp_path):
    cases.instances(tmp_path)
    code = (
        "import sys; from pathlib import Path; from openseg_evals.score.registry import score; "
        f"d = Path({str(tmp_path)!r}); "
        "score('coco_instances', d / 'truth.json', d / 'results.json', {}); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
