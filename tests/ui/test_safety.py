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
    from openseg_ui.widgets.prompt_field import parse, written

    found = parse("10, 20\n\n1 2 30 40\nnot 5, 6\n1, 2; 3 4;5,6", (100, 50))
    assert found.points == ((10.0, 20.0),)
    assert found.boxes == ((1.0, 2.0, 30.0, 40.0),)
    assert found.negative_points == ((5.0, 6.0),)
    assert found.scribbles == (((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)),)
    assert parse(written(found), (100, 50)) == found


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("1, 2, 3", "neither"),
        ("x", "neither"),
        ("10, 60", "outside"),
        ("nan, 3", "outside"),
        ("not 1, 2, 3, 4", "neither"),
        ("1, 2; 3", "neither"),
        (";", "neither"),
        ("1, 2\n" * 201, "too many"),
    ],
)
def test_prompts_that_are_none_are_told(wrong, message):
    pytest.importorskip("streamlit", reason=NO_EXTRA)
    from openseg_ui.widgets.prompt_field import parse

    with pytest.raises(InputError, match=message):
        parse(wrong, (100, 50))


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {"of": "now"},
        {"of": "now", "points": "x", "boxes": [], "scribbles": [], "negative_points": []},
        {"of": "now", "points": [[None]], "boxes": [], "scribbles": [], "negative_points": []},
        {"of": "before", "points": [], "boxes": [], "scribbles": [], "negative_points": []},
        ["of", "now"],
    ],
)
def test_prompts_a_browser_made_up_are_none(sent):
    pytest.importorskip("streamlit", reason=NO_EXTRA)
    from streamlit.testing.v1 import AppTest

    def script():
        import streamlit as st

        from openseg_ui.widgets.picture import clicked

        st.text(str(clicked("picture", "now")))

    app = AppTest.from_function(script)
    app.session_state["picture"] = {"prompts": sent}
    app.run()
    assert not app.exception
    assert app.text[0].value == "None"


def test_text_of_others_is_text():
    pytest.importorskip("streamlit", reason=NO_EXTRA)
    from openseg_ui.widgets.faults import plain

    assert plain("**bold** <b>x</b> [a](http://b) :red[c]").replace("\\", "").startswith("**bold**")
    for mark in "*<[:`":
        assert f"\\{mark}" in plain(f"a {mark} b")
    assert "\n" not in plain("a\nb")
