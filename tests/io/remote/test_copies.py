"""Images, folders and outputs at URLs, on the file system of memory that fsspec has."""

from __future__ import annotations

import uuid

import fsspec
import pytest
from PIL import Image

from openseg.api.published import published
from openseg.graph.events import WindowFinished
from openseg.io.images import find_images, image_from, sample_ids
from openseg.io.remote.copies import bring
from openseg.types.errors import InputError


@pytest.fixture
def there(tmp_path, monkeypatch):
    """A URL of memory with two pictures, a text and a hidden file."""
    monkeypatch.setenv("OPENSEG_CACHE", str(tmp_path / "cache"))
    url = f"memory://{uuid.uuid4().hex}"
    for name, width in (("b.png", 20), ("a.png", 10), ("deep/c.png", 30), (".d.png", 1)):
        with fsspec.open(f"{url}/{name}", "wb") as file:
            Image.new("RGB", (width, 5)).save(file, "png")
    with fsspec.open(f"{url}/notes.txt", "wb") as file:
        file.write(b"words")
    return url


def test_images_are_found_at_once_and_fetched_when_read(there):
    paths = find_images(there)
    assert sample_ids(paths) == ["a", "b"]
    assert not any(path.exists() for path in paths)
    assert image_from(paths[1]).size == (5, 20)
    assert [path.exists() for path in paths] == [False, True]
    assert sample_ids(find_images(f"{there}/**/*.png")) == ["a", "b", "deep/c"]
    assert find_images(f"{there}/a.png") == paths[:1]


def test_what_changed_there_is_fetched_again(there):
    [path] = find_images(f"{there}/a.png")
    assert image_from(path).size == (5, 10)
    with fsspec.open(f"{there}/a.png", "wb") as file:
        Image.new("RGB", (44, 5)).save(file, "png")
    [path] = find_images(f"{there}/a.png")
    assert image_from(path).size == (5, 44)


def test_a_folder_is_brought_whole(there):
    here = bring(there)
    names = sorted(path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file())
    assert names == [".d.png", "a.png", "b.png", "deep/c.png", "notes.txt"]


def test_a_file_of_this_machine_may_be_named_by_url(tmp_path):
    Image.new("RGB", (3, 2)).save(tmp_path / "x.png")
    assert find_images(f"file://{tmp_path}/x.png") == [tmp_path / "x.png"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("memory://nothing-here/a.png", "no such file"),
        ("nosuch://bucket/a.png", "nosuch"),
        ("memory://empty-place/*.png", "no image there"),
    ],
)
def test_a_url_with_nothing_is_told_by_name(url, said):
    with pytest.raises(InputError, match=said) as told:
        find_images(url)
    assert url in str(told.value)


def test_outputs_are_brought_there_and_taken_up_from_there(there, monkeypatch):
    monkeypatch.setattr("openseg.api.published.EVERY", -1.0)
    out = f"{there}/run"
    with published(out) as (folder, [copying]):
        folder.mkdir(parents=True)
        (folder / "lines.jsonl").write_text("one\n")
        (folder / ".lock").touch()
        copying(WindowFinished(1))
        assert fsspec.open(f"{out}/lines.jsonl").open().read() == b"one\n"
        (folder / "lines.jsonl").write_text("one\ntwo\n")
        (folder / "gone.png").write_bytes(b"x")
    (folder / "gone.png").unlink()
    (folder / "half.tmp").write_text("left by a run that was killed")
    with published(out) as (again, _):
        assert again == folder
        assert sorted(path.name for path in again.iterdir()) == [".lock", "gone.png", "lines.jsonl"]
        (again / "gone.png").unlink()
    memory, root = fsspec.core.url_to_fs(out)
    assert [name.rpartition("/")[2] for name in memory.find(root)] == ["lines.jsonl"]


def test_an_output_folder_of_this_machine_is_itself(tmp_path):
    with published(tmp_path / "out") as (folder, listeners):
        assert (folder, listeners) == (tmp_path / "out", ())
    with published(f"file://{tmp_path}/out") as (folder, listeners):
        assert (folder, listeners) == (tmp_path / "out", ())
