"""RefCOCO's files: splits, several refs files, and pickles that want more than data."""

from __future__ import annotations

import json
import os
import pickle

import pytest

from openseg.types.errors import InputError
from openseg_evals.formats.refer import read_refer
from openseg_evals.plain_pickle import read_plain_pickle

REF = {
    "ref_id": 1,
    "ann_id": 5,
    "image_id": 9,
    "split": "val",
    "sentences": [{"sent_id": 0, "raw": "a cup", "sent": "a cup"}],
}
INSTANCES = {
    "images": [{"id": 9, "height": 4, "width": 4}],
    "annotations": [{"id": 5, "image_id": 9, "segmentation": []}],
    "categories": [],
}


def write(folder, refs, instances=INSTANCES, name="refs(unc).p"):
    (folder / name).write_bytes(pickle.dumps(refs, protocol=2))
    (folder / "instances.json").write_text(json.dumps(instances))


class Attack:
    def __reduce__(self):
        return os.system, ("touch pwned",)


def test_a_pickle_that_names_a_function_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, [Attack()])
    with pytest.raises(InputError, match=r"asks for more than plain data \(\w*GLOBAL\)"):
        read_refer(tmp_path)
    assert not (tmp_path / "pwned").exists()


def test_a_pickle_of_containers_is_read():
    value = [{"a": [1, 2.5, None, True, 10**20], "b": {"x": {}}, "d": "text"}]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert read_plain_pickle(pickle.dumps(value, protocol), "x.p") == value


def test_a_truncated_pickle_is_named(tmp_path):
    write(tmp_path, [REF])
    file = tmp_path / "refs(unc).p"
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"refs\(unc\)\.p: is not a whole pickle"):
        read_refer(tmp_path)


def test_splits_follow_the_official_reader(tmp_path):
    names = ["val", "testA", "testB", "testAB", "train"]
    refs = [
        {**REF, "ref_id": n, "split": split, "sentences": [{"sent_id": n}]}
        for n, split in enumerate(names)
    ]
    write(tmp_path, refs)
    data = read_refer(tmp_path)
    picked = {
        name: [one.split for one in data.split(name)] for name in ("testA", "test", "val", "all")
    }
    assert picked["testA"] == ["testA", "testAB"]
    assert picked["test"] == ["testA", "testB", "testAB"]
    assert picked["val"] == ["val"]
    assert picked["all"] == names
    with pytest.raises(InputError, match=r"no split 'dev'.*testA"):
        data.split("dev")


def test_several_refs_files_ask_which(tmp_path):
    write(tmp_path, [REF], name="refs(umd).p")
    write(tmp_path, [REF], name="refs(google).p")
    with pytest.raises(InputError, match=r"refs\(google\)\.p, refs\(umd\)\.p"):
        read_refer(tmp_path)
    assert read_refer(tmp_path, by="umd").refs_file.name == "refs(umd).p"


@pytest.mark.parametrize(
    ("refs", "message"),
    [
        ([{**REF, "image_id": 8}], "names images that instances.json lacks: 8"),
        ([{**REF, "ann_id": [5, 6]}], "names annotations that instances.json lacks: 6"),
        ([REF, REF], "sentence ids occur twice: 0"),
        ([{"ref_id": 1}], "entry 0: has no 'ann_id'"),
        ({}, "the file is a dict"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path, refs, message):
    write(tmp_path, refs)
    with pytest.raises(InputError, match=message):
        read_refer(tmp_path)
