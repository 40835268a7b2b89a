"""Every text can be written with some font, and no character becomes an empty box."""

from __future__ import annotations

import pytest
from PIL import ImageFont

from openseg.io.drawing.fonts import font_for

WIDE = "DejaVuSans.ttf"


def installed(name):
    try:
        ImageFont.truetype(name, 12)
    except OSError:
        return False
    return True


def test_plain_text_takes_the_font_that_is_always_there():
    font, shown = font_for("the red cup (2)", 20)
    assert shown == "the red cup (2)"
    assert font.getname() == ImageFont.load_default(20).getname()
    assert font.size == 20


def test_white_space_becomes_single_spaces():
    assert font_for(" red\n\tcup ", 20)[1] == "red cup"
    assert font_for("", 20)[1] == ""


def test_without_other_fonts_accents_go_and_other_scripts_are_marked():
    _, shown = font_for("Füße, café 猫", 20, installed=())
    assert shown == "Fu?e, cafe ?"


@pytest.mark.skipif(not installed(WIDE), reason=f"{WIDE} is not installed")
def test_an_installed_font_is_taken_where_it_has_more():
    for text in ("Füße", "красный дом", "λ ≤ ½"):
        font, shown = font_for(text, 20, installed=("no such font.ttf", WIDE))
        assert font.getname()[0] == "DejaVu Sans"
        assert shown == text


@pytest.mark.skipif(not installed(WIDE), reason=f"{WIDE} is not installed")
def test_composed_and_decomposed_characters_are_the_same():
    assert font_for("cafe\u0301", 20, (WIDE,)) == font_for("caf\u00e9", 20, (WIDE,))
