"""Pictures that cover floors, walls and table tops: one seamless tile per surface."""

import numpy as np
import numpy.typing as npt

from openseg.mini.world.scene import Surface

TILE = 128
"""Side of a tile in pixels."""

_GRAIN = 0.012


def tile(surface: Surface) -> npt.NDArray[np.uint8]:
    """Paints the tile of a surface, sRGB uint8 [128, 128, 3]; it repeats without seams."""
    rng = np.random.default_rng(surface.seed)
    mix = _PATTERNS[surface.pattern](rng)
    main, accent = (np.array(rgb, dtype=np.float64) for rgb in (surface.rgb, surface.accent))
    picture = main + mix[..., None] * (accent - main)
    picture *= 1 + _GRAIN * rng.standard_normal((TILE, TILE, 1))
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def _plain(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    return np.full((TILE, TILE), rng.uniform(0, 0.3))


def _planks(rng: np.random.Generator) -> npt.NDArray[np.float64]:
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


def _tiles(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    cells = int(rng.choice([2, 4]))
    width = TILE // cells
    i, j = np.indices((TILE, TILE)) // width
    mix = 0.8 * ((i + j) % 2) if rng.random() < 0.5 else rng.uniform(0, 0.4, (cells, cells))[i, j]
    grout = (np.indices((TILE, TILE)) % width < 2).any(axis=0)
    return np.where(grout, 1.3, mix)


def _speckles(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    noise = rng.random((TILE, TILE))
    blur = sum(np.roll(noise, shift, (0, 1)) for shift in ((0, 0), (0, 1), (1, 0), (1, 1))) / 4
    return np.where(blur > 0.68, 1.0, np.where(blur < 0.3, -0.5, 0.1))


def _stripes(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    bands = int(rng.choice([4, 6, 8]))
    wave = np.sin(2 * np.pi * bands * np.arange(TILE) / TILE)
    return np.broadcast_to(1.0 * (wave > rng.uniform(-0.3, 0.7)), (TILE, TILE)).copy()


_PATTERNS = {
    "plain": _plain,
    "planks": _planks,
    "tiles": _tiles,
    "speckles": _speckles,
    "stripes": _stripes,
}
