"""Disks that fill up, folders nobody may write in, file systems that cannot rename from afar."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.promises.commands import Place, files
from tests.soaking import tell, times

VERBS = {"run": ["--resume"], "eval": []}
"""How each is taken up again."""

PICTURES = 8


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    made = Place(tmp_path_factory.mktemp("disks"), PICTURES)
    for verb in VERBS:
        assert made.call(*getattr(made, verb)(f"whole-{verb}", "--no-cache")).code == 0
    return made


@pytest.fixture
def disk(tmp_path) -> Iterator[Callable[[str], Path]]:
    """Mounts a disk with options, or mounts it anew; it lives in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> Path:
        again = "remount," if folder.is_mount() else ""
        command = ["mount", "-t", "tmpfs", "-o", again + options, "tmpfs", str(folder)]
        if shutil.which("mount") is None or subprocess.call(command, stderr=subprocess.DEVNULL):
            pytest.skip("only root may mount a disk")
        return folder

    yield mount
    if folder.is_mount():
        subprocess.run(["umount", str(folder)], check=True)


def in_one_line(errors: str) -> str:
    """The complaint; what the progress says is left out."""
    [line] = [one for one in errors.splitlines() if one.startswith("openseg: ")]
    assert "Traceback" not in errors
    return line


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk_ends_it_and_room_takes_it_up(place, disk, verb):
    """Disks of all sizes that do not hold it."""
    words, whole = getattr(place, verb), files(place.folder / f"whole-{verb}")
    met = 0
    for kilobytes in range(4, times(40, 160), times(28, 8)):
        out = disk("size=64m") / "out"
        shutil.rmtree(out, ignore_errors=True)
        disk(f"size={kilobytes}k")
        done = place.call(*words(out, "--no-cache"))
        if done.code:
            assert done.code in {1, 2}
            assert "the disk is full" in in_one_line(done.errors)
            assert not list(out.rglob("*.tmp"))
            met += 1
        disk("size=64m")
        done = place.call(*words(out, "--no-cache", *VERBS[verb]))
        assert done.code == 0, done.errors
        assert files(out) == whole
    assert met
    tell(f"full disk in {verb}", met=met)


def test_a_full_cache_is_told_and_the_run_goes_on(place, disk, tmp_path):
    cache = disk("size=16k") / "cache"
    done = place.call(*place.run(tmp_path / "out"), OPENSEG_CACHE=str(cache))
    assert done.code == 0
    assert "nothing more is cached in this run" in in_one_line(done.errors)
    assert files(tmp_path / "out") == files(place.folder / "whole-run")


def _limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_that_may_not_grow_is_a_full_disk(place, verb, tmp_path):
    """Without root's rights: what is written beyond a size fails."""
    words = getattr(place, verb)
    done = place.call(*words(tmp_path / "out", "--no-cache"), before=partial(_limit, 1500))
    assert done.code == 1
    assert "the disk is full" in in_one_line(done.errors)
    done = place.call(*words(tmp_path / "out", "--no-cache", *VERBS[verb]))
    assert done.code == 0, done.errors
    assert files(tmp_path / "out") == files(place.folder / f"whole-{verb}")


@pytest.mark.parametrize("verb", VERBS)
def test_a_read_only_folder_is_told_before_anything_is_done(place, disk, verb):
    out = disk("size=1m") / "out"
    out.mkdir()
    disk("ro")
    done = place.call(*getattr(place, verb)(out, "--no-cache"))
    assert done.code == 2
    said = in_one_line(done.errors)
    assert "read-only" in said
    assert "give a folder you may write to" in said
    disk("rw")
    assert list(out.iterdir()) == []


def _every_folder_a_device() -> None:
    """No file may be renamed into another folder: as between two devices."""

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename":
            source, target = (Path(os.fspath(one)).parent for one in arguments[:2])  # type: ignore[arg-type]
            if source.resolve() != target.resolve():
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    sys.addaudithook(refuse)


@pytest.mark.parametrize("verb", VERBS)
def test_no_file_is_renamed_across_devices(place, verb, tmp_path):
    """The cache too: it is written, and read by a second run."""
    cache = str(tmp_path / "cache")
    for out in ("one", "two"):
        done = place.call(
            *getattr(place, verb)(tmp_path / out),
            before=_every_folder_a_device,
            OPENSEG_CACHE=cache,
        )
        assert done.code == 0, done.errors
        assert not done.errors.count("cache:")
        assert files(tmp_path / out) == files(place.folder / f"whole-{verb}")
    assert list(Path(cache).rglob("*.safetensors"))
