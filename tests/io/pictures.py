"""Pictures written without the code under test: PNG by the specification, profiles by hand."""

from __future__ import annotations

import struct
import zlib

from PIL import ImageCms

GREY, RGB, GREY_ALPHA, RGBA = 0, 2, 4, 6


def png_start(width, height, depth=8, kind=RGB, rows=b"\0" * 99):
    """A PNG that says it has that size, with the given rows of pixels and no end."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    data = zlib.compress(rows)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data)


def png_16_bit(values, kind):
    """A PNG of uint16 `[h, w, c]`."""
    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png_start(width, height, 16, kind, rows) + _chunk(b"IEND", b"")


def swapped_profile():
    """A colour profile whose red is sRGB's green and whose green is sRGB's red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    table_end = 132 + 12 * struct.unpack_from(">I", profile, 128)[0]
    table = profile[128:table_end]
    table = table.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    rest = profile[table_end:].replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    return profile[:128] + table + rest


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
