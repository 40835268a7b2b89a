"""Pictures that cover floors, walls and things: one seamless tile each."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.scene import Rgb, Surface
from openseg.mini.rooms.vocabulary import Material

TILE = 128
"""Side of a surface's tile in pixels."""

MATERIAL_TILE = 64
"""Side of a material's tile in pixels."""

_GRAIN = 0.012
Mix = npt.NDArray[np.float64]


def surface_tile(surface: Surface) -> npt.NDArray[np.uint8]:
    """Paints the tile of a surface, sRGB uint8 [128, 128, 3]; it repeats without seams."""
    rng = np.random.default_rng(surface.seed)
    mix = _PATTERNS[surface.pattern](rng)
    main, accent = (np.array(rgb, dtype=np.float64) for rgb in (surface.rgb, surface.accent))
    picture = main + mix[..., None] * (accent - main)
    picture *= 1 + _GRAIN * rng.standard_normal((TILE, TILE, 1))
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def material_tile(material: Material, rgb: Rgb, seed: int) -> npt.NDArray[np.uint8]:
    """Paints the tile of a thing's material, sRGB uint8 [64, 64, 3].

    Patterns put a light second colour on dark shades and a dark one on light shades, on less than
    half of the area, so that the thing's colour keeps its name.
    """
    main = np.array(rgb, dtype=np.float64)
    light = float(main @ [0.299, 0.587, 0.114])
    accent = 0.35 * main if light > 165 else 0.2 * main + 0.8 * np.array([246.0, 246, 240])
    at = (np.arange(MATERIAL_TILE) + 0.5) / MATERIAL_TILE
    u, v = np.meshgrid(at, at)
    rng = np.random.default_rng(seed)
    gain, mix = _MATERIALS[material](u, v, rng)
    picture = main * gain[..., None]
    picture += mix[..., None] * (accent - main)
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def _even(u: Mix, v: Mix, _rng: np.random.Generator) -> tuple[Mix, Mix]:
    return np.ones_like(u), np.zeros_like(v)


def _striped(u: Mix, v: Mix, _rng: np.random.Generator) -> tuple[Mix, Mix]:
    return np.ones_like(u), (v < 0.38).astype(np.float64)


def _dotted(u: Mix, v: Mix, _rng: np.random.Generator) -> tuple[Mix, Mix]:
    near = [np.hypot(u - x, v - y) for x, y in ((0.25, 0.25), (0.75, 0.75))]
    return np.ones_like(u), (np.minimum(*near) < 0.17).astype(np.float64)


def _checked(u: Mix, v: Mix, _rng: np.random.Generator) -> tuple[Mix, Mix]:
    return np.ones_like(u), 0.35 * (u < 0.28) + 0.35 * (v < 0.28) + 0.25 * (u < 0.28) * (v < 0.28)


def _wooden(u: Mix, v: Mix, rng: np.random.Generator) -> tuple[Mix, Mix]:
    """Two boards along u with dark joints and fine, wavy grain."""
    phase = rng.uniform(0, 2 * np.pi, 3)
    bend = 0.01 * np.sin(2 * np.pi * u + phase[0]) + 0.005 * np.sin(4 * np.pi * u + phase[1])
    grain = 0.1 * np.sin(2 * np.pi * (5 * v + 5 * bend)) + 0.07 * np.sin(
        2 * np.pi * (11 * v + 2 * bend) + phase[2]
    )
    board = np.where(v < 0.5, 0.8, 1.0)
    joint = (v % 0.5 < 0.05) | ((u % 1.0 < 0.03) & (v < 0.5))
    return np.where(joint, 0.35, board + grain), np.zeros_like(u)


def _metallic(u: Mix, v: Mix, rng: np.random.Generator) -> tuple[Mix, Mix]:
    """Brushed metal: fine lines along u; the renderer adds what it mirrors."""
    lines = rng.normal(0, 0.05, MATERIAL_TILE)[:, None]
    return np.asarray(1.2 + lines * np.ones_like(u)), np.full_like(v, 0.12)


_MATERIALS: dict[Material, Callable[[Mix, Mix, np.random.Generator], tuple[Mix, Mix]]] = {
    "plain": _even,
    "striped": _striped,
    "dotted": _dotted,
    "checked": _checked,
    "wooden": _wooden,
    "metallic": _metallic,
}
"""Factors of the thing's colour and shares of the second colour, each [t, t]."""


def _plain(rng: np.random.Generator) -> Mix:
    return np.full((TILE, TILE), rng.uniform(0, 0.3))


def _planks(rng: np.random.Generator) -> Mix:
    boards = int(rng.choice([4, 8]))
    width = TILE // boards
    row = np.arange(TILE) // width
    along = np.cumsum(rng.standard_normal((TILE, TILE)), axis=1)
    along -= np.linspace(0, 1, TILE) * along[:, -1:]  # ends where it began: no seam
    mix = rng.uniform(0, 0.6, boards)[row][:, None] + 0.02 * along
    mix[np.arange(TILE) % width < 2] = 1.4
    for board, joint in enumerate(rng.integers(0, TILE, boards)):
        mix[row == board, joint] = 1.4
    return np.asarray(np.clip(mix, 0, 1.5))


def _tiles(rng: np.random.Generator) -> Mix:
    cells = int(rng.choice([2, 4]))
    width = TILE // cells
    i, j = np.indices((TILE, TILE)) // width
    mix = 0.8 * ((i + j) % 2) if rng.random() < 0.5 else rng.uniform(0, 0.4, (cells, cells))[i, j]
    grout = (np.indices((TILE, TILE)) % width < 2).any(axis=0)
    return np.where(grout, 1.3, mix)


def _speckles(rng: np.random.Generator) -> Mix:
    noise = rng.random((TILE, TILE))
    blur = sum(np.roll(noise, shift, (0, 1)) for shift in ((0, 0), (0, 1), (1, 0), (1, 1))) / 4
    return np.where(blur > 0.68, 1.0, np.where(blur < 0.3, -0.5, 0.1))


def _stripes(rng: np.random.Generator) -> Mix:
    bands = int(rng.choice([4, 6, 8]))
    wave = np.sin(2 * np.pi * bands * np.arange(TILE) / TILE)
    return np.broadcast_to(1.0 * (wave > rng.uniform(-0.3, 0.7)), (TILE, TILE)).copy()


def _bricks(rng: np.random.Generator) -> Mix:
    rows, columns = 8, 4
    height, width = TILE // rows, TILE // columns
    y, x = np.indices((TILE, TILE))
    row = y // height
    shifted = (x + (row % 2) * (width // 2)) % TILE
    shade = rng.uniform(0, 0.5, (rows, columns))[row, shifted // width]
    joint = (y % height < 1) | (shifted % width < 1)
    return np.where(joint, 1.2, shade)


def _carpet(rng: np.random.Generator) -> Mix:
    """A woven look: noise that is longer along the threads."""
    noise = rng.standard_normal((TILE, TILE))
    warp = sum(np.roll(noise, k, 0) for k in range(4)) / 4
    weft = sum(np.roll(noise, k, 1) for k in range(4)) / 4
    return np.asarray(0.4 + 0.35 * (warp + weft))


_PATTERNS: dict[str, Callable[[np.random.Generator], Mix]] = {
    "plain": _plain,
    "planks": _planks,
    "tiles": _tiles,
    "speckles": _speckles,
    "stripes": _stripes,
    "bricks": _bricks,
    "carpet": _carpet,
}
