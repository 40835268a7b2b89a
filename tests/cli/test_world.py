"""`openseg world make`: one verb for every format, the same data never made twice."""

from __future__ import annotations

import pytest


def test_make_writes_rooms_and_says_how_far_it_is(cli, tmp_path):
    pytest.importorskip("pyvista")
    size = ("--width", "96", "--height", "96", "--processes", "2")
    order = ("world", "make", "refcoco", "--out", "data", "--split", "val", "--n", "2", *size)
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
