"""Which images a user means by a file, a folder or a pattern, and what each is called."""

from __future__ import annotations

import glob
import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath

from openseg.io.remote.copies import find
from openseg.io.remote.places import is_url
from openseg.types.errors import InputError

IMAGE_EXTENSIONS = (
    ".jpg",
    ".jpeg",
    ".png",
    ".webp",
    ".bmp",
    ".tif",
    ".tiff",
    ".gif",
    ".avif",
    ".heic",
    ".heif",
)
"""What files in folders and patterns are taken by, in lower or upper case."""


def find_images(spec: str | Path | Sequence[str | Path]) -> list[Path]:
    """Finds the image files that a user names.

    Args:
        spec: A file (of any name), a folder (its images, not those of folders inside it), a
            pattern with `*`, `?`, `[...]` or `**`, or several of these. A path that exists is
            taken as it is, even if it looks like a pattern. Hidden files of folders and patterns
            are left out. Each may be a URL that fsspec reaches; such files are fetched when
            they are read.

    Returns:
        The files, each once: in the order of `spec`, sorted within a folder or pattern.

    Raises:
        InputError: If nothing is found for one of them.
    """
    specs = [spec] if isinstance(spec, (str, Path)) else spec
    if not specs:
        raise InputError("no image is given", where="image", fix="give a file, folder or pattern")
    found = [path for one in specs for path in _find(os.fspath(one))]
    return list(dict.fromkeys(found))


def sample_ids(paths: Sequence[Path]) -> list[str]:
    """Names samples after their files.

    Args:
        paths: Different files.

    Returns:
        For each the path below the folder all share, with `/`, without the extension; files that
        would then have one name (also where case does not count) keep their extensions.
    """
    whole = [os.path.abspath(path) for path in paths]  # noqa: PTH100  # takes `..` out, unlike pathlib
    root = os.path.commonpath([os.path.dirname(path) for path in whole]) if whole else ""  # noqa: PTH120
    full = [PurePath(path).relative_to(root) for path in whole]
    ids = [path.with_suffix("").as_posix() for path in full]
    # A kept extension can itself meet another name (`a.jpg` and `a.jpg.png`), so until none does.
    while True:
        count = Counter(map(_key, ids))
        kept = [
            path.as_posix() if count[_key(id_)] > 1 else id_
            for id_, path in zip(ids, full, strict=True)
        ]
        if kept == ids:
            return ids
        ids = kept


def _find(spec: str) -> list[Path]:
    if is_url(spec):
        return find(spec, _is_named_as_image)
    path = Path(spec).expanduser()
    try:
        if path.is_dir():
            return _of_folder(path)
        if path.exists():
            return [path]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"cannot look there: {reason}", where=spec, fix="check the path"
        ) from error
    return _of_pattern(path, spec)


def _of_pattern(path: Path, spec: str) -> list[Path]:
    if not glob.has_magic(spec):
        raise InputError("no such file or folder", where=spec, fix="check the path")
    matches = [Path(match) for match in glob.glob(str(path), recursive=True)]  # noqa: PTH207
    images = sorted(match for match in matches if _is_image(match))
    if not images:
        seen = f"matches {len(matches)} files, no image" if matches else "matches no file"
        raise InputError(f"the pattern {seen}", where=spec, fix=f"images end in {_extensions()}")
    return images


def _of_folder(folder: Path) -> list[Path]:
    images = sorted(path for path in folder.iterdir() if _is_image(path))
    if not images:
        raise InputError(
            f"no image in this folder; looked for {_extensions()}",
            where=str(folder),
            fix=f"for the folders inside it give '{folder / '**'}'",
        )
    return images


def _is_image(path: Path) -> bool:
    return _is_named_as_image(path) and path.is_file()


def _is_named_as_image(path: PurePath) -> bool:
    # Hidden: macOS leaves `._photo.jpg` beside `photo.jpg` on foreign disks.
    return path.suffix.lower() in IMAGE_EXTENSIONS and not path.name.startswith(".")


def _extensions() -> str:
    return ", ".join(IMAGE_EXTENSIONS)


def _key(name: str) -> str:
    """Equal for names that some file system takes for one: case and composed characters."""
    return unicodedata.normalize("NFC", name).casefold()
