"""A server of the viewer and a browser, where both can be had."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.viewer import CHROMIUM, chromium, viewer

ARTIFACTS = Path(__file__).parents[2] / "runs" / "screenshots"
"""Where screenshots of the pages are kept to be looked at; not part of the repository."""

PATIENCE = 300_000
"""Milliseconds."""

NO_EXTRA = "the viewer's extra is not installed"


@pytest.fixture(scope="session")
def evaluation(tmp_path_factory) -> Path:
    """A small evaluation with its data set beside it, made by the command line."""
    pytest.importorskip("pyvista", reason="the mini world's renderer is not installed")
    base = tmp_path_factory.mktemp("evaluation")
    benchmark = base / "tiny-ref.yaml"
    benchmark.write_text(
        "about: Words for things in four rooms.\n"
        "dataset: {use: refcoco, world: refcoco, scenes: 4,"
        " options: {by: unc, split: test_seen}}\n"
        "task: referring\nmetric: referring\nconventions: {truth: union}\nmain: mIoU\n"
    )
    subprocess.run(
        [
            sys.executable, "-m", "openseg.cli", "eval", str(benchmark), "--pipeline",
            "grounded_sam", "--oracle", "--limit", "6", "--data", str(base / "data"),
            "--out", str(base / "runs" / "tiny-ref"), "--no-cache",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return base


@pytest.fixture(scope="session")
def recorded(tmp_path_factory, room) -> Path:
    """A run folder with its image beside it, and another with one region less."""
    base = tmp_path_factory.mktemp("recorded")
    shutil.copy(room, base / "room.jpg")
    subprocess.run(
        [
            sys.executable, "-m", "openseg.cli", "run", "grounded_sam", "--image",
            str(base / "room.jpg"), "--text", "the purple ball; the red hat", "--no-cache",
            "--out", str(base / "first"),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    shutil.copytree(base / "first", base / "second")
    lines = base / "second" / "regions.jsonl"
    record = json.loads(lines.read_text())
    record["regions"] = record["regions"][:1]
    lines.write_text(f"{json.dumps(record)}\n")
    return base


@pytest.fixture(scope="session")
def server(evaluation, recorded):
    """The address of a running viewer."""
    pytest.importorskip("streamlit", reason=NO_EXTRA)
    folders = ["--runs", str(evaluation / "runs"), "--runs", str(recorded)]
    with viewer(*folders, "--data", str(evaluation / "data")) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, without a window."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    sync_api.expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as play:
        made = chromium(play)
        yield made
        made.close()


@pytest.fixture
def visit(browser, server):
    """Opens a page of the viewer; what the browser complains of fails the test."""
    complaints: list[str] = []
    asked: list[str] = []
    pages = []

    def opened(path: str = "", **options):
        context = browser.new_context(viewport={"width": 1440, "height": 1300}, **options)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{server}/{path}")
        pages.append(context)
        return page

    yield opened
    for context in pages:
        context.close()
    assert not complaints
    outside = [url for url in asked if not url.startswith((server, "data:", "blob:"))]
    assert not outside, "the app must work without a network"


@pytest.fixture
def keep():
    """Keeps a screenshot of a page."""

    def kept(page, name: str) -> None:
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}.png")

    return kept
