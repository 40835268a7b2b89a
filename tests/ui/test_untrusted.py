"""Methods from a browser: what is refused, where it is said to be, and what addresses carry."""

from __future__ import annotations

import pytest

from openseg.graph.loader import find_pipeline, load, pipeline_names
from openseg.models.store import ModelStore
from openseg.types.errors import MethodError, UserError
from openseg_ui.server.hub import Hub
from openseg_ui.server.untrusted import (
    check_text,
    excess,
    line_of,
    load_text,
    names_file,
    packed,
    unpacked,
)
from openseg_ui.settings import Settings

SHIPPED = find_pipeline("grounded_sam").read_text("utf-8")
RANKED = find_pipeline("clip_ranked_masks").read_text("utf-8")


@pytest.fixture(scope="module")
def models() -> ModelStore:
    return ModelStore()


def test_a_shipped_method_passes(models):
    assert check_text(SHIPPED, models) == []
    assert list(load_text(SHIPPED, models).nodes) == ["detect", "segment"]
    assert check_text("include: grounded_sam\nname: mine\n", models) == []


def test_faults_have_the_line_of_the_text(models):
    [problem] = check_text(SHIPPED.replace("nms_iou", "nms_iuo"), models)
    lines = SHIPPED.splitlines()
    assert "nms_iou" in lines[line_of(problem) - 1]
    assert "/" not in problem.where


@pytest.mark.parametrize(
    "include", ["../../../etc/passwd.yaml", "/etc/other.yaml", "./x.yml", "no_such_method"]
)
def test_only_shipped_methods_are_included(models, include):
    [problem] = check_text(f"include: {include}\n", models)
    assert "only shipped methods" in problem.what
    assert line_of(problem) == 1


def test_counts_are_limited(models):
    [problem] = check_text(RANKED.replace("per_side: 16", "per_side: 1000000"), models)
    assert "1000000" in problem.what
    assert "points_per_side" in RANKED.splitlines()[line_of(problem) - 1]
    [problem] = check_text(RANKED.replace("per_side: 16", "per_side: 90"), models)
    assert "propose.points_per_side: 90" in problem.what
    assert problem.fix == "at most 64"
    assert "points_per_side" in RANKED.splitlines()[line_of(problem) - 1]
    nodes = "".join(f"  n{i}: {{use: propose.detect}}\n" for i in range(41))
    assert "at most 40 nodes" in check_text(f"nodes:\n{nodes}", models)[0].what
    assert "characters" in check_text("#" * 20_001, models)[0].what


@pytest.mark.parametrize(
    "text",
    [
        "nodes: {a: {use: os.system}}",
        "nodes: {a: {use: ../stages/x}}",
        "a: !!python/object/apply:os.system [id]",
        "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b, *b]",
        "models: {detector: /tmp/weights}\nnodes: {d: {use: propose.detect}}",
        "",
        "\x00",
    ],
)
def test_nothing_else_is_let_through(models, text):
    assert check_text(text, models)
    with pytest.raises(MethodError):
        load_text(text, models)


def test_no_shipped_method_is_refused(models):
    for name in pipeline_names():
        assert not list(excess(load(name, models)))
        assert check_text(find_pipeline(name).read_text("utf-8"), models) == []


@pytest.mark.parametrize(
    "text",
    [
        "/etc/secret.yaml",
        "mine.yaml@1#00000000",
        "../up",
        "~/x.yml",
        "C:\\x",
        "some/where",
        "a b.YAML",
    ],
)
def test_settings_name_no_files(models, tmp_path, text):
    asking = SHIPPED.replace("nms_iou: 0.5", f"nms_iou: '{text}'")
    [problem] = check_text(asking, models)
    assert "file of the server" in problem.what
    assert line_of(problem) is not None
    with pytest.raises(UserError, match="may not name files"):
        Hub(Settings(runs=(str(tmp_path),))).graph("grounded_sam", sets=[f"detect.nms_iou={text}"])


@pytest.mark.parametrize("text", ["a photo of a {}", "red/blue or green", "no.1", "e.g. cups"])
def test_words_are_no_files(text):
    assert not names_file(text)


def test_settings_of_widgets_are_limited_too(tmp_path):
    hub = Hub(Settings(runs=(str(tmp_path),)))
    with pytest.raises(MethodError, match="more than a browser may ask for"):
        hub.graph("clip_ranked_masks", sets=["propose.points_per_side=200"])
    with pytest.raises(UserError, match="may not be used"):
        hub.graph("grounded_sam", weights=str(tmp_path))
    with pytest.raises(UserError, match="no method"):
        hub.graph("/etc/passwd")


def test_an_address_carries_a_text():
    assert unpacked(packed(SHIPPED)) == SHIPPED
    for wrong in ("", "x", "!!!", packed("a")[:-4]):
        with pytest.raises(MethodError, match="no method"):
            unpacked(wrong)


def test_an_address_cannot_blow_up():
    with pytest.raises(MethodError):
        unpacked(packed("a" * 5_000_000))
