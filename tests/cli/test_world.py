"""`openseg world make`: one verb for every format, the same data never made twice."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("kind", "last"),
    [("coco", "phrases.json"), ("refcoco", "refs(unc).p"), ("grefcoco", "grefs(unc).json")],
)
def test_make_writes_a_split_once(cli, tmp_path, kind, last):
    pytest.importorskip("pyvista")
    order = ("world", "make", kind, "--out", "data", "--split", "test_unseen", "--n", "1")
    done = cli(*order, "--seed", "3")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1 scenes of test_unseen: data\n"
    assert (tmp_path / "data" / last).is_file()
    images = json.loads((tmp_path / "data/instances.json").read_text())["images"]
    assert (tmp_path / "data/images" / images[0]["file_name"]).is_file()
    assert "already" in cli(*order, "--seed", "3").stdout


def test_make_writes_rooms_and_says_how_far_it_is(cli, tmp_path):
    pytest.importorskip("pyvista")
    size = ("--width", "96", "--height", "96", "--processes", "2")
    order = ("world", "make", "rooms-refcoco", "--out", "data", "--split", "val", "--n", "2", *size)
    done = cli(*order)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2 scenes of val: data\n"
    assert done.stderr.splitlines() == ["1 of 2", "2 of 2"]
    assert (tmp_path / "data/refs(unc).p").is_file()
    assert "already" in cli(*order).stdout


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (("refcoc", "--out", "data"), "no data 'refcoc' (did you mean 'refcoco'?)"),
        (("coco", "--out", "data", "--split", "testing"), "there is no split 'testing'"),
        (("coco", "--out", "data", "--seed", "70000"), "seed is 70000 (give 0 to 65535)"),
        (("roooms", "--out", "data"), "no data 'roooms' (did you mean 'rooms'?)"),
        (("rooms", "--out", "data", "--split", "testing"), "there is no split 'testing'"),
        (("rooms", "--out", "data", "--width", "9"), "width is 9 (give 64 to 2048)"),
    ],
)
def test_mistakes_are_one_line(cli, tmp_path, order, said):
    done = cli("world", "make", *order)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "data").exists()
