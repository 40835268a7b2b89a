"""Run folders as they may be found: whole, half written, damaged, newer, gone."""

from __future__ import annotations

import json
import shutil

import pytest

from openseg.types.errors import InputError, OpensegError
from openseg_ui.server.recorded import masks_of, overlay_of, photo_of, read_recorded


@pytest.fixture
def folder(recorded, tmp_path):
    """A copy of the run, to be damaged."""
    return shutil.copytree(recorded / "first", tmp_path / "first")


def test_a_whole_one_is_read(folder, recorded):
    found = read_recorded(folder)
    assert found.method == "grounded_sam"
    [record] = found.records
    assert masks_of(record).shape == (2, *record.size)
    photo = photo_of(record, [recorded], megapixels=40)
    assert photo.picture.size == record.size[::-1]


def test_images_of_other_folders_stay_hidden(folder):
    found = read_recorded(folder)
    with pytest.raises(OpensegError, match="not in the folders"):
        photo_of(found.records[0], [folder], megapixels=40)
    assert overlay_of(found, found.records[0], megapixels=40) is not None
    shutil.rmtree(folder / "overlay")
    assert overlay_of(found, found.records[0], megapixels=40) is None


def test_half_written_lines_are_left_out(folder):
    lines = folder / "regions.jsonl"
    with lines.open("a") as file:
        file.write('{"id": "next", "ima')
    assert [one.id for one in read_recorded(folder).records] == ["room"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"identity": {"format": 1}}'])
def test_a_damaged_one_is_told(folder, text):
    (folder / "run.json").write_text(text)
    with pytest.raises(InputError, match="cannot be read"):
        read_recorded(folder)


def test_a_newer_one_is_told(folder):
    summary = json.loads((folder / "run.json").read_text())
    summary["identity"]["format"] = 99
    (folder / "run.json").write_text(json.dumps(summary))
    with pytest.raises(InputError, match="99"):
        read_recorded(folder)


def test_one_that_is_gone_is_told(folder):
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="no run"):
        read_recorded(folder)
