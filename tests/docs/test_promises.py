"""The page of promises: every promise names a test, and the test is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text("utf-8")


def tables() -> list[tuple[str, list[str]]]:
    """The tables whose last column is the test: what the first column is called, and the rows."""
    blocks = re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE)
    split = [block.splitlines() for block in blocks]
    return [(rows[0], rows[2:]) for rows in split if rows[0].rstrip(" |").endswith("test")]


@pytest.mark.parametrize("row", [row for _, rows in tables() for row in rows])
def test_every_promise_names_a_test_that_is_there(row):
    named = re.findall(r"`(tests/[\w/.]+)`", row.rsplit("|", 2)[1])
    assert named
    for path in named:
        assert (ROOT / path).is_file(), path


def test_every_kind_of_promise_has_its_table():
    kinds = re.findall(r"^## (.+)", PAGE, re.MULTILINE)
    assert kinds == [
        "Faults survived",
        "Bad inputs tried",
        "Security",
        "Load",
        "Reproducible",
        "Compatibility",
    ]
    assert len(tables()) == len(kinds)
