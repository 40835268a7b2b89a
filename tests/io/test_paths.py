"""Files, folders and patterns name the images a user means; samples get names of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openseg.io.paths import IMAGE_EXTENSIONS, find_images, sample_ids
from openseg.types.errors import InputError

FILES = [
    "b.jpg",
    "a.PNG",
    "notes.txt",
    "._a.PNG",
    "weiß [1].webp",
    "inner/c.JPeG",
    "inner/deep/d.tif",
    "texts/readme.md",
]


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def names(folder, spec):
    return [path.relative_to(folder).as_posix() for path in find_images(spec)]


def test_a_folder_gives_its_images_sorted(folder):
    assert names(folder, folder) == ["a.PNG", "b.jpg", "weiß [1].webp"]
    assert names(folder, f"{folder}/") == ["a.PNG", "b.jpg", "weiß [1].webp"]


def test_patterns(folder):
    assert names(folder, f"{folder}/*.jpg") == ["b.jpg"]
    assert names(folder, folder / "*") == ["a.PNG", "b.jpg", "weiß [1].webp"]
    assert names(folder, f"{folder}/inner/**") == ["inner/c.JPeG", "inner/deep/d.tif"]
    assert names(folder, f"{folder}/**/*.tif") == ["inner/deep/d.tif"]
    assert names(folder, f"{folder}/wei?*.webp") == ["weiß [1].webp"]


def test_a_file_that_exists_is_not_a_pattern(folder):
    (folder / "weiß 1.webp").touch()
    assert names(folder, folder / "weiß [1].webp") == ["weiß [1].webp"]


def test_a_folder_that_exists_is_not_a_pattern(folder):
    (folder / "2024 [spring]").mkdir()
    (folder / "2024 [spring]" / "x.gif").touch()
    assert names(folder, folder / "2024 [spring]") == ["2024 [spring]/x.gif"]


def test_a_file_needs_no_extension(folder):
    assert names(folder, folder / "notes.txt") == ["notes.txt"]


def test_several_are_joined_in_order_and_named_once(folder):
    specs = [folder / "inner", folder / "b.jpg", folder, f"{folder}/*.jpg"]
    assert names(folder, specs) == ["inner/c.JPeG", "b.jpg", "a.PNG", "weiß [1].webp"]


def test_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    assert names(folder, "~/b.jpg") == ["b.jpg"]
    assert names(folder, "~/inner/*") == ["inner/c.JPeG"]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("texts", "no image in this folder"),
        ("nowhere.jpg", "no such file"),
        ("*.bmp", "matches no file"),
        ("texts/*", "matches 1 files, no image"),
        ("x" * 300, "name too long"),
    ],
)
def test_nothing_found_names_the_spec(folder, spec, said):
    with pytest.raises(InputError) as caught:
        find_images(folder / spec)
    assert caught.value.where == str(folder / spec)
    assert said in str(caught.value)


def test_an_empty_folder_says_what_was_looked_for(folder):
    with pytest.raises(InputError) as caught:
        find_images(folder / "texts")
    assert all(extension in str(caught.value) for extension in IMAGE_EXTENSIONS)


def test_web_addresses_and_nothing_at_all():
    with pytest.raises(InputError, match="download"):
        find_images("https://example.org/cat.jpg")
    with pytest.raises(InputError, match="no image is given"):
        find_images([])


def test_ids_are_short_below_the_shared_folder():
    assert sample_ids([Path("photos/cat.jpg")]) == ["cat"]
    assert sample_ids([Path("p/a/cat.jpg"), Path("p/b/cat.jpg"), Path("p/dog.jpg")]) == [
        "a/cat",
        "b/cat",
        "dog",
    ]
    assert sample_ids([Path("p/../q/cat.v2.jpg"), Path("q/dog.jpg")]) == ["cat.v2", "dog"]
    assert sample_ids([]) == []


def test_ids_keep_extensions_only_where_needed():
    paths = [Path("cat.jpg"), Path("cat.png"), Path("dog.jpg")]
    assert sample_ids(paths) == ["cat.jpg", "cat.png", "dog"]
    case = [Path("Cat.jpg"), Path("cat.png"), Path("dog.jpg")]
    assert sample_ids(case) == ["Cat.jpg", "cat.png", "dog"]


NAMES = st.lists(
    st.lists(st.sampled_from(["a", "A", "a.jpg", "b", "é", "e\u0301"]), min_size=1, max_size=3),
    unique_by=tuple,
    max_size=8,
)


@settings(deadline=None)
@given(NAMES, st.lists(st.sampled_from(["", ".jpg", ".png", ".JPG"]), min_size=8, max_size=8))
def test_ids_are_unique_relative_paths(parts, ends):
    files = {os.path.join(*part) + end for part, end in zip(parts, ends, strict=False)}  # noqa: PTH118
    ids = sample_ids([Path(file) for file in sorted(files)])
    assert len(set(ids)) == len(files)
    assert not any(Path(id_).is_absolute() or ".." in Path(id_).parts for id_ in ids)
