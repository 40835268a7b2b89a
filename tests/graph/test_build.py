"""Wiring and stages that the shipped ones do not show: subtypes, authors' mistakes, plugins."""

from typing import Literal, NamedTuple

import pytest
from pydantic import Field

from openseg.graph import registry
from openseg.graph.loader import check, load
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.store import ModelStore
from openseg.types import Boxes, Image, Masks


class LabelledBoxes(Boxes):
    """An edge type of a third party."""


class FromImage(Stage):
    """Gives boxes of the third party's own type."""

    class Outputs(NamedTuple):
        boxes: Batch[LabelledBoxes]
        masks: Batch[Masks]

    def run(self, image: Batch[Image]) -> Outputs:
        """Never called."""
        raise NotImplementedError


class Settings(Stage):
    """Takes any boxes; has settings of many kinds."""

    class Config(StageConfig):
        required: int = Field(gt=0, description="No default.")
        mode: Literal["fast", "exact"] = Field("fast", description="One of two.")
        sizes: tuple[int, int] = Field((1, 1), description="Two numbers.")
        limit: int | list[int] | None = Field(None, description="A union.")
        names: dict[str, float] = Field(default_factory=dict, description="A mapping.")

    class Outputs(NamedTuple):
        boxes: Batch[Boxes]

    def run(self, boxes: Batch[Boxes]) -> Outputs:
        """Never called."""
        raise NotImplementedError


class OnlyLabelled(Stage):
    """Takes only the third party's type."""

    class Outputs(NamedTuple):
        boxes: Batch[LabelledBoxes]

    def run(self, boxes: Batch[LabelledBoxes]) -> Outputs:
        """Never called."""
        raise NotImplementedError


class Unannotated(Stage):
    """Its author forgot the types."""

    def run(self, boxes):
        """Never called."""
        return boxes


@pytest.fixture
def method(tmp_path, monkeypatch):
    """Checks a method that starts from two stages, with one more node and its output."""
    monkeypatch.chdir(tmp_path)
    for name, kind in {
        "toy.start": FromImage,
        "toy.settings": Settings,
        "toy.labelled": OnlyLabelled,
        "toy.unannotated": Unannotated,
    }.items():
        registry.stage(name)(kind)

    def write(node):
        (tmp_path / "m.yaml").write_text(
            "inputs: {image: Image}\n"
            "nodes:\n"
            "  start: {use: toy.start, in: {image: image}}\n"
            f"  node: {node}\n"
            "outputs: {result: node.boxes}\n",
            encoding="utf-8",
        )
        return "m.yaml"

    yield write
    for name in [name for name in registry._stages if name.startswith("toy.")]:
        del registry._stages[name]


def told(name):
    return [str(problem) for problem in check(name, ModelStore())]


def test_a_subtype_may_go_where_its_base_is_taken(method):
    graph = load(method("{use: toy.settings, in: {boxes: start.boxes}, required: 1}"), ModelStore())
    assert graph.nodes["node"].config.required == 1


def test_a_base_may_not_go_where_its_subtype_is_taken(method):
    method("{use: toy.labelled, in: {boxes: start.masks}}")
    assert told("m.yaml") == [
        "m.yaml:4: `start.masks` gives Masks, but the input `boxes` of node `node` (toy.labelled) "
        "takes LabelledBoxes (did you mean `start.boxes`?)"
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("nms: 1", "m.yaml:4: node `node` has no `required` (it has no default)"),
        ("required: 0", "`required` of node `node` must be above 0, not 0"),
        ("required: true", "`required` of node `node` must be a whole number, not true"),
        (
            "required: 1, mode: exat",
            "must be 'fast' or 'exact', not 'exat' (did you mean `exact`?)",
        ),
        ("required: 1, sizes: 3", "`sizes` of node `node` must be a list, not 3"),
        (
            "required: 1, sizes: [1]",
            "`sizes` of node `node` has too few values (the default is [1, 1])",
        ),
        ("required: 1, sizes: [1, x]", "`sizes.1` of node `node` must be a whole number, not 'x'"),
        (
            "required: 1, limit: x",
            "must be a whole number or a list, not 'x' (the default is null)",
        ),
        ("required: 1, names: {a: b}", "`names.a` of node `node` must be a number, not 'b'"),
    ],
)
def test_settings_of_every_kind(method, settings, message):
    method(f"{{use: toy.settings, in: {{boxes: start.boxes}}, {settings}}}")
    assert message in "\n".join(told("m.yaml"))


def test_lists_and_unions_are_read(method):
    text = "{use: toy.settings, in: {boxes: start.boxes}, required: 1, sizes: [2, 3], limit: [4]}"
    config = load(method(text), ModelStore()).nodes["node"].config
    assert config.sizes == (2, 3)
    assert config.limit == [4]


def test_a_mistake_of_a_stages_author_is_said_to_be_his(method):
    [problem] = told(method("{use: toy.unannotated, in: {boxes: start.boxes}}"))
    assert problem.startswith("m.yaml:4: stage `toy.unannotated` cannot be used: ")
    assert "tell the author of the stage" in problem


def test_a_package_that_fails_to_import_is_named_only_where_it_matters(
    method, tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "openseg_faulty-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: openseg-faulty\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[openseg.stages]\nx = openseg_faulty\n")
    (tmp_path / "openseg_faulty.py").write_text('raise RuntimeError("no compiler")\n')
    assert told("grounded_sam") == []
    [problem] = told(method("{use: toy.absent, in: {boxes: start.boxes}}"))
    assert "there is no stage `toy.absent`" in problem
    assert "openseg-faulty" in problem
    assert "no compiler" in problem


def test_a_stage_of_another_package_is_found(method, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "openseg_fine-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: openseg-fine\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[openseg.stages]\nx = openseg_fine\n")
    (tmp_path / "openseg_fine.py").write_text(
        "from tests.graph.test_build import OnlyLabelled\n"
        "from openseg.graph.registry import stage\n"
        "@stage('toy.plugged')\n"
        "class Plugged(OnlyLabelled):\n"
        "    pass\n"
    )
    assert told(method("{use: toy.plugged, in: {boxes: start.boxes}}")) == []
