"""A font for any text: Pillow's own for plain Latin, an installed one for what it lacks.

Pillow's font scales and is always there but covers little beyond ASCII. Where no installed font
has a character, it loses its accent, or becomes a question mark: never an empty box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

from PIL import ImageFont
from PIL.ImageFont import FreeTypeFont

BUNDLED = ""
INSTALLED = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "segoeui.ttf",
    "Arial Unicode.ttf",
    "NotoSansCJK-Regular.ttc",
    "DroidSansFallbackFull.ttf",
    "wqy-microhei.ttc",
    "PingFang.ttc",
    "msyh.ttc",
    "YuGothM.ttc",
    "malgun.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
)
"""Files that hold wide ranges of Unicode on Linux, macOS and Windows, the widest scripts first."""

# A code point that Unicode promises never to assign: every font draws its "missing" glyph for it.
_MISSING = "\uffff"
_PROBE_SIZE = 24


def font_for(
    text: str, size: int, installed: Sequence[str] = INSTALLED
) -> tuple[FreeTypeFont, str]:
    """Chooses a font and what it can show of a text.

    Args:
        text: One line.
        size: Height of the font in pixels.
        installed: Font files to look for beside Pillow's own.

    Returns:
        The first font that has every character, else the one that has most; and the text, where
        needed in characters it has.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    best, lacking = BUNDLED, len(text) + 1
    for name in (BUNDLED, *installed):
        count = sum(not _has(name, character) for character in text)
        if count < lacking:
            best, lacking = name, count
        if lacking == 0:
            break
    font = _load(best, size)
    assert font is not None  # noqa: S101  # Pillow's own is always there
    return font, "".join(_shown(best, character) for character in text)


def _shown(name: str, character: str) -> str:
    if _has(name, character):
        return character
    plain = unicodedata.normalize("NFKD", character)[0]
    return plain if _has(name, plain) else "?"


@cache
def _load(name: str, size: int) -> FreeTypeFont | None:
    try:
        font = ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
    except OSError:
        return None
    return font if isinstance(font, FreeTypeFont) else None


@cache
def _has(name: str, character: str) -> bool:
    font = _load(name, _PROBE_SIZE)
    if font is None:
        return False
    return character.isspace() or _glyph(font, character) != _glyph(font, _MISSING)


def _glyph(font: FreeTypeFont, character: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)
