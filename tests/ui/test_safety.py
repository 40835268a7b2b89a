"""What a browser may send: paths, uploads, prompts, text."""

from __future__ import annotations

import io

import PIL.Image
import pytest

from openseg.types.errors import InputError, UserError
from openseg_ui.server.folders import folders_with, inside
from openseg_ui.server.images import safe_name, uploaded

NO_EXTRA = "the viewer's extra is not installed"
LIMITS = {"megabytes": 1, "megapixels": 1}


def png(size: tuple[int, int]) -> bytes:
    """A picture of one colour, which compresses to almost nothing."""
    buffer = io.BytesIO()
    PIL.Image.new("RGB", size, "red").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("text", ["../secret.txt", "/etc/passwd", "runs/../../secret.txt", "a\0b"])
def test_paths_stay_inside(tmp_path, text):
    (tmp_path / "secret.txt").write_text("no")
    (tmp_path / "allowed" / "runs").mkdir(parents=True)
    with pytest.raises(UserError, match="not in the folders"):
        inside(text, [tmp_path / "allowed"])


def test_links_do_not_lead_out(tmp_path):
    (tmp_path / "allowed").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "allowed" / "door").symlink_to(tmp_path / "secret")
    with pytest.raises(UserError):
        inside("door", [tmp_path / "allowed"])
    (tmp_path / "secret" / "eval.json").write_text("{}")
    assert folders_with("eval.json", [tmp_path / "allowed"]) == []


def test_a_path_below_a_root_is_found(tmp_path):
    (tmp_path / "a").mkdir()
    assert inside("a", [tmp_path]) == (tmp_path / "a").resolve()
    assert inside(str(tmp_path / "a"), [tmp_path]) == (tmp_path / "a").resolve()


def test_an_upload_is_known_by_its_content():
    photo = uploaded(png((30, 20)), "C:\\photos\\..\\my cat.exe", **LIMITS)
    assert photo.picture.size == (30, 20)
    assert photo.name == "my cat.exe"
    with pytest.raises(InputError, match="text file") as caught:
        uploaded(b"#!/bin/sh\necho hello\n" * 9, "photo.png", **LIMITS)
    assert caught.value.where == "photo.png"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bombs_are_refused():
    with pytest.raises(InputError, match="pixels are more"):
        uploaded(png((10_000, 10_000)), "big.png", **LIMITS)
    with pytest.raises(InputError, match="MB are more"):
        uploaded(bytes(2 * 2**20), "long.png", **LIMITS)


def test_uploads_leave_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    uploaded(png((5, 5)), "photo.png", **LIMITS)
    assert list(tmp_path.iterdir()) == []


def test_names_are_only_shown():
    assert safe_name("../../etc/passwd") == "passwd"
    assert safe_name("a\x00\x1b[31mb.png") == "a__[31mb.png"
    assert safe_name("///") == "upload"


def test_prompts_are_points_and_boxes_of_the_image():
    pytest.importorskip("streamlit", reason=NO_EXTRA)
    from openseg_ui.views.try_prompts import parse

    found = parse("10, 20\n\n1 2 30 40", (100, 50))
    assert found.points == ((10.0, 20.0),)
    assert found.boxes == ((1.0, 2.0, 30.0, 40.0),)
    for wrong, message in (("1, 2, 3", "neither"), ("x", "neither"), ("10, 60", "outside")):
        with pytest.raises(InputError, match=message):
            parse(wrong, (100, 50))


def test_text_of_others_is_text():
    pytest.importorskip("streamlit", reason=NO_EXTRA)
    from openseg_ui.widgets.faults import plain

    assert plain("**bold** <b>x</b> [a](http://b) :red[c]").replace("\\", "").startswith("**bold**")
    for mark in "*<[:`":
        assert f"\\{mark}" in plain(f"a {mark} b")
    assert "\n" not in plain("a\nb")
