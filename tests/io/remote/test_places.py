"""URLs and the copies of what lies there: one place for each, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from openseg.io.remote.places import copy_of, is_url, url_of
from openseg.types.errors import InputError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENSEG_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    "url", ["s3://bucket/a/b.png", "memory:///a.png", "hdfs:///data", "http://host:80/x?y=1"]
)
def test_the_path_of_a_copy_says_its_url(url, tmp_path):
    place = copy_of(url)
    assert place.is_relative_to(tmp_path / "cache")
    assert url_of(place) == url


def test_files_of_this_machine_are_no_copies(tmp_path):
    assert copy_of(f"file://{tmp_path}/a.png") == tmp_path / "a.png"
    assert url_of(tmp_path / "a.png") is None


def test_a_copy_stays_in_its_folder():
    with pytest.raises(InputError, match=r"'\.\.'"):
        copy_of("s3://bucket/../../../etc/passwd")


@pytest.mark.parametrize("spec", ["a.png", "/a/b", "C:\\a.png", "a:b", Path("x")])
def test_paths_are_no_urls(spec):
    assert not is_url(spec)
