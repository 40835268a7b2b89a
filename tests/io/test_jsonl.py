"""Lines that were written stay, whatever happened to the last one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openseg.io.jsonl import append_line, keep_lines, read_lines
from openseg.types.errors import InputError

ROWS = [
    {"id": "猫", "n": 1},
    {"id": "b", "rle": "x" * 100_000},
    {"id": "c", "v": [1.5, None, "é\n"]},
]


def test_lines_come_back_in_order(tmp_path):
    path = tmp_path / "new" / "rows.jsonl"
    for row in ROWS:
        append_line(path, row)
    assert read_lines(path) == ROWS
    assert len(path.read_bytes().splitlines()) == 3


def test_a_file_that_is_not_there_holds_nothing(tmp_path):
    assert read_lines(tmp_path / "rows.jsonl") == []


@given(data=st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_cut_anywhere_loses_the_cut_line_only(tmp_path, data):
    path = tmp_path / "rows.jsonl"
    path.unlink(missing_ok=True)
    rows = [{"id": "a"}, {"id": "猫", "v": [1, {"w": "}\n"}]}, {"id": ""}]
    for row in rows:
        append_line(path, row)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    ends = [i for i, byte in enumerate(whole) if byte == ord("\n")]
    # A line is whole once its last brace is there, with or without its newline.
    kept = rows[: sum(end <= cut for end in ends)]
    assert read_lines(path) == kept
    append_line(path, {"next": True})
    assert read_lines(path) == [*kept, {"next": True}]


def test_a_file_from_elsewhere_may_lack_the_last_newline(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"a": 1}\r\n\n{"b": 2}')
    assert read_lines(path) == [{"a": 1}, {"b": 2}]
    append_line(path, {"c": 3})
    assert read_lines(path) == [{"a": 1}, {"b": 2}, {"c": 3}]


@pytest.mark.parametrize("bad", [b"oops", b"[1]", b'{"a": '])
def test_a_bad_line_in_the_middle_is_named(tmp_path, bad):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"a": 1}\n' + bad + b'\n{"b": 2}\n')
    with pytest.raises(InputError, match=r"rows.jsonl:2: not a line of JSON"):
        read_lines(path)


def test_numbers_that_json_lacks_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        append_line(tmp_path / "rows.jsonl", {"score": float("nan")})
    assert not (tmp_path / "rows.jsonl").exists()


def test_a_full_disk_keeps_the_lines_before(tmp_path):
    """A file size limit stands for the disk's end: writing fails part of the way, as there."""
    path = tmp_path / "rows.jsonl"
    append_line(path, {"a": 1})
    program = (
        "import resource, sys\n"
        "from openseg.io.jsonl import append_line\n"
        "from openseg.types.errors import OpensegError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    append_line(sys.argv[1], {'b': 'x' * 5000})\n"
        "except OpensegError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith(f"{path}: cannot write: the disk is full")
    assert path.read_bytes() == b'{"a":1}\n'


@pytest.mark.parametrize(("count", "kept"), [(0, 0), (1, 1), (2, 2), (10**30, 2)])
def test_lines_beyond_a_count_go_and_a_count_beyond_the_file_ends_with_it(tmp_path, count, kept):
    path = tmp_path / "rows.jsonl"
    for value in (1, 2):
        append_line(path, {"a": value})
    keep_lines(path, count)
    assert path.read_bytes() == b'{"a":1}\n{"a":2}\n'[: 8 * kept]


def test_a_folder_is_no_file_of_lines(tmp_path):
    with pytest.raises(InputError) as caught:
        read_lines(tmp_path)
    assert caught.value.where == os.fspath(tmp_path)
