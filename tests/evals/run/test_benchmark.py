"""Benchmark files: a wrong key, type or name is answered with the place and the right one."""

from __future__ import annotations

import pytest

from openseg.types.errors import UserError
from openseg_evals.run.benchmark import benchmark_names, find_benchmarks

GOOD = """
about: "Mugs."
dataset: {use: coco, folder: shelves, options: {annotations: mugs.json}}
task: instances
metric: coco_instances
main: AP
best: 1
"""


def read(tmp_path, text, name="mine.yaml"):
    path = tmp_path / name
    path.write_text(text)
    return find_benchmarks(str(path))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("main: AP", "mian: AP"), "main: field required"),
        (("best: 1", "bset: 1"), "bset: extra inputs are not permitted (did you mean 'best'?)"),
        (("folder:", "flder:"), "dataset.flder: extra inputs are not permitted (did you mean 'fo"),
        (("best: 1", "best: most"), "best: input should be a valid number"),
        (("folder: shelves", "scenes: -1"), "dataset.scenes: input should be greater than"),
        (
            ("best: 1", "reported: [{method: M, metric: AP, valu: 3, source: S}]"),
            "reported.0.value: field required",
        ),
        (
            ("best: 1", "reported: [{method: M, metric: AP, value: 3, source: S, difers: a}]"),
            "reported.0.difers: extra inputs are not permitted (did you mean 'differs'?)",
        ),
        (("best: 1", "variants: [val]"), "variants: is not a mapping of mappings"),
        (("best: 1", "variants: {val: 3}"), "variants: is not a mapping of mappings"),
        (("best: 1", "best: ["), "cannot be read as YAML"),
    ],
)
def test_faults_name_file_key_and_remedy(tmp_path, change, said):
    with pytest.raises(UserError) as refused:
        read(tmp_path, GOOD.replace(*change))
    assert said in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "mine.yaml"))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_mapping(tmp_path):
    with pytest.raises(UserError, match="is not a benchmark"):
        read(tmp_path, "- a\n- b\n")
    with pytest.raises(UserError, match="there is no such benchmark file"):
        find_benchmarks(str(tmp_path / "absent.yaml"))


def test_variants_change_keys_inside_mappings(tmp_path):
    variants = """
variants:
  val: {dataset: {options: {split: val}}}
  test: {dataset: {folder: other}, main: AP50}
"""
    val, test = read(tmp_path, GOOD + variants)
    assert (val.name, test.name) == ("mine-val", "mine-test")
    assert val.dataset.options == {"annotations": "mugs.json", "split": "val"}
    assert (test.dataset.folder, test.dataset.options) == ("other", {"annotations": "mugs.json"})
    assert (val.main, test.main) == ("AP", "AP50")


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(UserError, match=r"no benchmark 'mini-reff' \(did you mean 'mini-ref"):
        find_benchmarks("mini-reff")
    with pytest.raises(UserError, match="openseg ls benchmarks"):
        find_benchmarks("xyzzy")
    assert len(benchmark_names()) == len(set(benchmark_names())) > 20
