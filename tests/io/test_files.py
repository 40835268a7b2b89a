"""Files appear whole or not at all, and a folder that cannot be written to is named."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from openseg.io.files import check_writable, write_atomic
from openseg.types.errors import OpensegError, UserError


def test_a_file_is_written_with_its_folders_and_replaced(tmp_path):
    path = tmp_path / "a" / "Übersicht.json"
    write_atomic(path, b"first")
    write_atomic(str(path), b"second")
    assert path.read_bytes() == b"second"
    assert os.listdir(path.parent) == [path.name]  # noqa: PTH208


def test_files_are_readable_as_the_user_has_set(tmp_path):
    before = os.umask(0o022)
    try:
        write_atomic(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644


def test_a_name_as_long_as_the_file_system_takes(tmp_path):
    write_atomic(tmp_path / ("x" * 255), b"data")
    assert (tmp_path / ("x" * 255)).read_bytes() == b"data"


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    (tmp_path / "x" / "inside").mkdir(parents=True)
    with pytest.raises(OpensegError, match="cannot write"):
        write_atomic(tmp_path / "x", b"data")
    assert os.listdir(tmp_path) == ["x"]  # noqa: PTH208


def test_a_full_disk_keeps_the_old_file(tmp_path):
    """A file size limit stands for the disk's end: writing fails part of the way, as there."""
    (tmp_path / "x").write_bytes(b"old")
    program = (
        "import resource, sys\n"
        "from openseg.io.files import write_atomic\n"
        "from openseg.types.errors import OpensegError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    write_atomic(sys.argv[1], bytes(5000))\n"
        "except OpensegError as error:\n"
        "    print(error.exit_code, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "x")],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith(f"1 {tmp_path / 'x'}: cannot write: the disk is full")
    assert (tmp_path / "x").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x"]  # noqa: PTH208


def test_a_writable_folder_is_made_and_left_empty(tmp_path):
    check_writable(tmp_path / "runs" / "one")
    assert os.listdir(tmp_path / "runs" / "one") == []  # noqa: PTH208


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UserError, match="a file stands where a folder is needed") as caught:
            check_writable(folder)
        assert caught.value.where == str(folder)
        with pytest.raises(UserError, match="a file stands where a folder is needed"):
            write_atomic(folder / "x", b"")


def test_a_folder_nobody_can_write_to():
    with pytest.raises(UserError) as caught:
        check_writable("/proc/openseg")
    assert caught.value.where == "/proc/openseg"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UserError, match="permission denied"):
            check_writable(tmp_path)
        with pytest.raises(UserError, match="permission denied"):
            write_atomic(tmp_path / "x", b"")
    finally:
        tmp_path.chmod(0o700)
