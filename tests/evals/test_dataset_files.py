"""A data set's files are found where people keep them; damaged and missing ones are named."""

from __future__ import annotations

import pytest

from openseg.types.errors import InputError, UserError
from openseg_evals.dataset_files import find_file, find_pictures
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.samples import DataFile

HELLO_MD5 = "5d41402abc4b2a76b9719d911017c592"  # md5sum of "hello"
SOURCE = "data.zip: https://example.org/data"


def test_the_first_place_that_exists_counts(tmp_path):
    places = DataFile("a/x.json", SOURCE), DataFile("b/x.json", SOURCE)
    (tmp_path / "b").mkdir()
    (tmp_path / "b/x.json").touch()
    assert find_file(tmp_path, *places) == tmp_path / "b/x.json"
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.json").touch()
    assert find_file(tmp_path, *places) == tmp_path / "a/x.json"


def test_a_missing_file_is_one_line_with_name_place_and_source(tmp_path):
    with pytest.raises(InputError) as error:
        find_file(tmp_path / "set", DataFile("a/x.json", SOURCE), DataFile("x.json", SOURCE))
    assert str(error.value) == (
        f"{tmp_path / 'set'}: there is no a/x.json or x.json "
        "(get data.zip: https://example.org/data)"
    )


def test_the_publishers_checksum_is_compared(tmp_path):
    file = tmp_path / "x.zip"
    file.write_text("hello")
    place = DataFile("x.zip", SOURCE, HELLO_MD5)
    assert find_file(tmp_path, place) == file
    file.write_text("hell")
    with pytest.raises(
        InputError, match=rf"x\.zip: has the md5 \w+, its publisher gives {HELLO_MD5}"
    ):
        find_file(tmp_path, place)


def test_pictures_may_lie_in_several_folders(tmp_path):
    for name in ("a/1.jpg", "b/1.jpg", "b/2.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    folders = [tmp_path / "a", tmp_path / "b"]
    found = find_pictures(folders, ["2.jpg", "1.jpg", "2.jpg"], SOURCE)
    assert found == {"2.jpg": tmp_path / "b/2.jpg", "1.jpg": tmp_path / "a/1.jpg"}
    names = [f"{number}.jpg" for number in range(6)]
    with pytest.raises(
        InputError, match=r"a: 4 of 6 pictures are missing: 0\.jpg, 3\.jpg, 4\.jpg, \.\.\. "
    ):
        find_pictures(folders, names, SOURCE)


OPTIONS = {"split": Option("val", "which", ("val", "test")), "by": Option("", "whose")}


def test_options_have_defaults():
    assert resolve_options("x", OPTIONS, {"by": "unc"}) == {"split": "val", "by": "unc"}


def test_wrong_options_are_named():
    with pytest.raises(UserError, match=r"data set x: has no option 'folds' \(it has: split, by\)"):
        resolve_options("x", OPTIONS, {"folds": "3"})
    with pytest.raises(UserError, match=r"split=train does not exist \(choose val or test\)"):
        resolve_options("x", OPTIONS, {"split": "train"})
