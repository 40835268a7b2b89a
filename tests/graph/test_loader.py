"""Methods as graphs: names, paths, variants, `--set`, and files nobody should have written."""

import textwrap
from pathlib import Path

import pytest
import yaml

from openseg.graph.graph import Source
from openseg.graph.loader import (
    check,
    find_pipeline,
    load,
    missing_weights,
    pipeline_names,
    pipelines_dir,
)
from openseg.models.store import ModelStore
from openseg.types import Image, TextQuery
from openseg.types.errors import MethodError

MODELS = ModelStore()


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes method files into an empty working directory."""
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return name

    return write


def only_problem(name):
    [problem] = check(name, MODELS)
    return str(problem)


@pytest.mark.parametrize("name", pipeline_names())
def test_every_shipped_method_loads(name):
    assert check(name, MODELS) == []
    graph = load(name, MODELS)
    assert graph.name == name
    seen = set()
    for node in graph.nodes.values():
        assert {source.node for source in node.inputs.values()} - {""} <= seen
        seen.add(node.name)


def test_a_graph_holds_what_the_yaml_says():
    graph = load("grounded_sam", MODELS)
    assert graph.inputs == {"image": Image, "query": TextQuery}
    assert graph.outputs["masks"] == Source("segment", "masks")
    detect = graph.nodes["detect"]
    assert detect.stage.name == "propose.detect"
    assert detect.config.box_threshold == 0.25
    assert detect.inputs == {"image": Source("", "image"), "query": Source("", "query")}
    assert detect.models == {"detector": "grounding-dino"}
    assert dict(graph.dag.edges) == {("detect", "segment"): {"ports": [("boxes", "boxes")]}}
    assert graph.families() == ("grounding-dino", "sam")


def test_the_resolved_method_loads_to_the_same_graph(write):
    graph = load("clip_ranked_masks", MODELS, ["choose.top=3"])
    again = load(write("again.yaml", yaml.safe_dump(graph.resolved, sort_keys=False)), MODELS)
    assert again.resolved == graph.resolved
    assert again.nodes == graph.nodes
    assert again.outputs == graph.outputs
    assert again.nodes["choose"].config.top == 3


def test_nodes_may_be_written_in_any_order(write):
    text = Path(find_pipeline("grounded_sam")).read_text("utf-8")
    method = yaml.safe_load(text)
    method["nodes"] = dict(reversed(method["nodes"].items()))
    graph = load(write("method.yaml", yaml.safe_dump(method, sort_keys=False)), MODELS)
    assert list(graph.nodes) == ["detect", "segment"]


def test_a_role_is_played_by_the_model_its_node_names(write):
    write(
        "two.yaml",
        """
        inputs: {image: Image, query: TextQuery}
        models: {detector: grounding-dino, second: owlv2}
        nodes:
          one: {use: propose.detect, in: {image: image, query: query}}
          two: {use: propose.detect, in: {image: image, query: query}, with: {detector: second}}
        outputs: {first: one.boxes, second: two.boxes}
        """,
    )
    graph = load("two.yaml", MODELS)
    assert graph.name == "two"
    assert graph.nodes["one"].models == {"detector": "grounding-dino"}
    assert graph.nodes["two"].models == {"detector": "owlv2"}


def test_two_edges_between_the_same_nodes_are_one_with_both_ports():
    graph = load("box_to_mask", MODELS)
    ports = graph.dag.edges["of_boxes", "all"]["ports"]
    assert ports == [("masks", "first"), ("quality", "first_scores")]


# --- variants ---------------------------------------------------------------------------------


def test_a_variant_changes_adds_and_removes(write):
    write("base.yaml", find_pipeline("grounded_sam").read_text("utf-8"))
    write(
        "lower.yaml",
        """
        include: base
        nodes:
          detect: {box_threshold: 0.1, nms_iou: null}
          count: {use: segment.by_prompt, in: {image: image, boxes: detect.boxes}}
        outputs: {boxes: null, again: count.masks}
        """,
    )
    graph = load("lower.yaml", MODELS)
    assert graph.name == "lower"
    assert graph.nodes["detect"].config.box_threshold == 0.1
    assert graph.nodes["detect"].config.nms_iou == 0.8
    assert set(graph.nodes) == {"detect", "segment", "count"}
    assert set(graph.outputs) == {"masks", "scores", "phrases", "again"}
    assert graph.about["paper"].startswith("Ren et al.")
    assert "include" not in graph.resolved


def test_variants_of_variants_and_of_shipped_methods(write):
    write("a.yaml", "include: grounded_sam\nnodes: {detect: {box_threshold: 0.1, nms_iou: 0.5}}\n")
    write("more/b.yaml", "include: ../a.yaml\nname: b\nnodes: {detect: {box_threshold: 0.2}}\n")
    config = load("more/b.yaml", MODELS).nodes["detect"].config
    assert (config.box_threshold, config.nms_iou) == (0.2, 0.5)


def test_a_fault_is_placed_in_the_file_that_holds_it(write):
    write("base.yaml", find_pipeline("grounded_sam").read_text("utf-8"))
    write("v.yaml", "include: base\n\nnodes:\n  detect:\n    box_threshold: 7\n")
    assert only_problem("v.yaml").startswith("v.yaml:5: `box_threshold` of node `detect`")


def test_a_file_that_includes_itself(write):
    assert "the includes form a cycle: x.yaml -> x.yaml" in only_problem(
        write("x.yaml", "include: x.yaml\n")
    )


# --- --set ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('words.templates=["a {}", "the {}"]', ("a {}", "the {}")),
        ("choose.top=5", 5),
        ("choose.min_similarity=-1e-3", -0.001),
        ("choose.min_similarity= 0", 0.0),
    ],
)
def test_set_replaces_a_setting(text, value):
    node, _, key = text.partition("=")[0].partition(".")
    graph = load("clip_ranked_masks", MODELS, [text])
    assert getattr(graph.nodes[node].config, key) == value
    assert graph.resolved["nodes"][node][key] == (
        list(value) if isinstance(value, tuple) else value
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chose.top=5", "there is no node `chose` (did you mean `choose`?)"),
        ("choose.topp=5", "`select.best` has no setting `topp` (did you mean `top`?)"),
        ("choose.top=0", "`top` of node `choose` must be at least 1, not 0 (the default is 1)"),
        ("choose.top=five", "`top` of node `choose` must be a whole number, not 'five'"),
        ("choose.top=", "`top` of node `choose` must be a whole number, not nothing"),
        ("choose.top", "not understood (write `--set node.key=value`)"),
        ("top=5", "not understood"),
        ("choose.top=[1", "cannot be read as YAML"),
        ("words.templates=!!python/name:os.system", "the tag"),
    ],
)
def test_a_fault_of_set_names_the_argument(text, message):
    with pytest.raises(MethodError) as caught:
        load("clip_ranked_masks", MODELS, [text])
    assert str(caught.value).startswith(f"--set {text}: {message}")


def test_set_mends_a_fault_of_the_file(write):
    write("bad.yaml", "include: grounded_sam\nnodes: {detect: {box_threshold: 7}}\n")
    assert load("bad.yaml", MODELS, ["detect.box_threshold=0.7"])


# --- finding ----------------------------------------------------------------------------------


def test_names_are_those_of_the_files():
    assert "grounded_sam" in pipeline_names()
    assert find_pipeline("grounded_sam") == pipelines_dir() / "grounded_sam.yaml"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Grounded-SAM", "there is no method `Grounded-SAM` (did you mean `grounded_sam`?)"),
        ("grounded", "there is no method `grounded` (did you mean `grounded_sam`?)"),
        ("quite_different", "there is no method `quite_different` (known: "),
        (
            "grounded_sam.yaml",
            "there is no file `grounded_sam.yaml` (did you mean `grounded_sam`?)",
        ),
        (
            "here/mehtod.yaml",
            "there is no file `here/mehtod.yaml` (did you mean `here/method.yaml`?)",
        ),
        ("here/", "here: is not a file"),
        ("x" * 300 + ".yaml", "there is no file"),
        ("null\0byte.yaml", "there is no file"),
    ],
)
def test_a_wrong_name_suggests_the_right_one(write, name, message):
    write("here/method.yaml", "")
    assert only_problem(name).startswith(message)


def test_a_strange_name_is_answered_with_every_method_there_is():
    message = only_problem("quite_different")
    assert all(name in message for name in pipeline_names())


def test_among_too_many_methods_the_command_that_lists_them_is_named(write):
    for k in range(100):
        write(f"here/{k}.yaml", "")
    write("here/variant.yaml", "include: quite_different")
    assert "(`openseg ls pipelines` lists them)" in only_problem("here/variant.yaml")


def test_an_unreadable_file(write, tmp_path):
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    assert "loop.yaml" in only_problem("loop.yaml")


# --- files from strangers ---------------------------------------------------------------------


def test_a_large_file_is_not_read(write):
    name = write("large.yaml", "# " + "x" * 300_000)
    assert only_problem(name) == "large.yaml: is 293 KB, but a method may have 256 KB"


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = find_pipeline("grounded_sam").read_text("utf-8").replace("0.25", "9")
    Path("dos.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    line = 1 + next(i for i, row in enumerate(text.splitlines()) if "box_threshold" in row)
    assert only_problem("dos.yaml").startswith(f"dos.yaml:{line}: `box_threshold`")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: \x07\n", "m.yaml:2: the character U+0007 is not allowed in YAML"),
        ('name: "\\UFFFFFFFF"\n', "m.yaml:1: cannot be read as YAML"),
        ('name: "\\ud800"\n', "m.yaml:1: '\\ud800' is not a valid `str`"),
        ("name: &a [*a]\n", "m.yaml:1: an anchor contains itself"),
        ("name: !!int five\n", "m.yaml:1: 'five' is not a valid `int`"),
        ("name: !mine x\n", "m.yaml:1: the tag `!mine` is not allowed"),
        ("? [a]\n: b\n", "m.yaml:1: a key must be text"),
        ("<<: 5\n", "m.yaml:1: `<<` must name mappings"),
        ("null\n", "m.yaml:1: the file is empty"),
    ],
)
def test_yaml_beyond_plain_data_is_refused(write, text, message):
    assert only_problem(write("m.yaml", text)).startswith(message)


def test_messages_hold_no_control_characters(write):
    name = write("m.yaml", '"\\e[31m\\n": 1\n')
    assert all(str(problem).isprintable() for problem in check(name, MODELS))


def test_anchors_and_merge_keys_work(write):
    write(
        "anchors.yaml",
        """
        inputs: {image: Image, query: TextQuery}
        models: {detector: grounding-dino}
        nodes:
          one: &one
            use: propose.detect
            in: &both {image: image, query: query}
            box_threshold: 0.1
            nms_iou: 0.5
          two: {<<: *one, box_threshold: 0.2}
          three: {use: propose.detect, in: *both}
        outputs: {a: one.boxes, b: two.boxes, c: three.boxes}
        """,
    )
    nodes = load("anchors.yaml", MODELS).nodes
    assert (nodes["two"].config.box_threshold, nodes["two"].config.nms_iou) == (0.2, 0.5)
    assert nodes["three"].inputs == nodes["one"].inputs


def test_scalars_are_read_as_editors_read_them(write):
    """YAML 1.2: `no` is text, `1e-1` and `.5` are numbers, a date is text."""
    write(
        "m.yaml",
        """
        include: grounded_sam
        about: {date: 2024-01-25, year: 2024, differs: no}
        nodes: {detect: {box_threshold: 1e-1, nms_iou: .5, max_boxes: 010}}
        """,
    )
    graph = load("m.yaml", MODELS)
    assert graph.about["date"] == "2024-01-25"
    assert graph.about["year"] == "2024"
    assert graph.about["differs"] == "no"
    config = graph.nodes["detect"].config
    assert (config.box_threshold, config.nms_iou, config.max_boxes) == (0.1, 0.5, 10)


# --- promises ---------------------------------------------------------------------------------


def test_all_faults_are_reported_together(write):
    write(
        "many.yaml",
        """\
        inputs: {image: Image, query: TextQuery, extra: Boxes}
        models: {detector: grounding-dino, segmenter: sma}
        nodes:
          detect: {use: propose.detect, in: {image: image, query: query}, box_threshold: 5, nms: 1}
          segment: {use: segment.by_prompt, in: {image: image, boxes: detect.bxs}}
          other: {use: segment.by_promt, in: {image: imag}}
        outputs: {masks: segment.masks, other: other.anything}
        """,
    )
    told = [str(problem).removeprefix("many.yaml:") for problem in check("many.yaml", MODELS)]
    assert [text.split(" (")[0] for text in told] == [
        "2: there is no model family `sma`",
        "4: `propose.detect` has no setting `nms`",
        "4: `box_threshold` of node `detect` must be at most 1, not 5",
        "6: there is no stage `segment.by_promt`",
        "5: node `detect`",
        "6: the method has no input `imag`",
    ]


def test_missing_weights_are_named_per_family(tmp_path):
    graph = load("grounded_sam", MODELS)
    problems = missing_weights(graph, ModelStore(weights=tmp_path))
    assert len(problems) == 2
    assert "grounding-dino" in str(problems[0])
    assert "sam" in str(problems[1])
