"""Run folders: one writer at a time, versions, what is read back."""

from __future__ import annotations

import json

import pytest

import openseg
from openseg.api.inputs import Request
from openseg.api.records import Record
from openseg.api.run_folder import RunFolder, run_identity
from openseg.api.runs import RunRequest, records, run_images
from openseg.types.errors import InputError, UserError
from tests.fuzzing import fuzz_files
from tests.soaking import times


@pytest.fixture(scope="module")
def method():
    return openseg.load("grounded_sam")


def test_what_a_run_wrote_is_read_back(method, room, tmp_path):
    summary = run_images(method, RunRequest([room], "red cup"), tmp_path / "out")
    [record] = records(tmp_path / "out")
    assert len(record.regions) == summary.regions
    assert record.size == method(room, text="red cup").image.size


def test_a_second_writer_is_refused(method, tmp_path):
    identity = run_identity(method, Request("cup"))
    with (
        RunFolder.open(tmp_path, identity, resume=False, overwrite=False),
        pytest.raises(UserError, match="another openseg run"),
    ):
        RunFolder.open(tmp_path, identity, resume=True, overwrite=False)


def test_a_folder_of_a_newer_openseg_is_refused_by_name(method, room, tmp_path):
    run_images(method, RunRequest([room], "red cup", formats=frozenset()), tmp_path)
    document = json.loads((tmp_path / "run.json").read_text())
    document["identity"]["format"] = 99
    (tmp_path / "run.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="format 99"):
        records(tmp_path)


IDENTITY = {"format": 1, "kind": "images", "text": "cup"}


def begun(path):
    """A run that was stopped after its first window."""
    with RunFolder.open(path, IDENTITY, resume=True, overwrite=False) as folder:
        folder.append(Record("a", "a.png", (4, 4)))
        folder.commit({"vlm": {"questions": 2, "cost": 0.5, "currency": "EUR"}})


@pytest.mark.parametrize("records", [1.5, "1", -1, None, [1]])
def test_a_run_that_has_not_counted_its_records_is_damaged(tmp_path, records):
    begun(tmp_path)
    document = json.loads((tmp_path / "run.json").read_text())
    document["records"] = records
    (tmp_path / "run.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="it is damaged"):
        RunFolder.open(tmp_path, IDENTITY, resume=True, overwrite=False)


def test_a_broken_run_json_is_read_or_refused(tmp_path):
    begun(tmp_path)

    def read(_):
        records(tmp_path)
        with RunFolder.open(tmp_path, IDENTITY, resume=True, overwrite=False):
            pass

    fuzz_files("run folders", [tmp_path / "run.json"], read, times(40, 2000))


def test_a_newer_run_is_neither_taken_up_nor_lost(tmp_path):
    begun(tmp_path)
    document = json.loads((tmp_path / "run.json").read_text())
    document["identity"]["format"] = 99
    (tmp_path / "run.json").write_text(json.dumps(document))
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(InputError, match="format 99, this openseg reads up to"):
        RunFolder.open(tmp_path, IDENTITY, resume=True, overwrite=False)
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(InputError, match="no run"):
        records(tmp_path)


def test_overwriting_removes_only_what_a_run_writes(method, room, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for _ in range(2):
        run_images(method, RunRequest([room], "red cup"), tmp_path, overwrite=True)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert len(list(records(tmp_path))) == 1
