"""Which scenes a user means by a folder, a file or a pattern, and what each is called."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from openseg.io.remote.copies import bring
from openseg.io.remote.places import is_url
from openseg.io.scenes.layout import layout_of
from openseg.types.errors import InputError


def find_scenes(specs: Sequence[str | Path]) -> list[Path]:
    """Finds the scenes that a user names.

    Args:
        specs: Folders of scenes, files that describe one, or patterns. A folder that is no scene
            stands for the scenes in it. A folder at a URL that fsspec reaches is fetched whole.

    Returns:
        The scenes, each once: in the order of `specs`, sorted within a folder or pattern.

    Raises:
        InputError: If nothing is found for one of them.
    """
    folders = [bring(str(one)) if is_url(one) else Path(one).expanduser() for one in specs]
    found = [path for one in folders for path in _find(one)]
    return list(dict.fromkeys(found))


def scene_ids(paths: Sequence[Path]) -> list[str]:
    """Names scenes after their folders; those of one name are told apart by a number.

    Args:
        paths: Different scenes.
    """
    names = [_name(path) for path in paths]
    shared = {name for name, count in Counter(names).items() if count > 1}
    taken: Counter[str] = Counter()
    ids = []
    for name in names:
        taken[name] += 1
        ids.append(f"{name}-{taken[name]}" if name in shared else name)
    return ids


def _name(path: Path) -> str:
    folder = path.parent if path.is_file() else path
    return folder.resolve().name or "scene"


def _find(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        if layout_of(path) is not None:
            return [path]
        inside = [one for one in sorted(path.iterdir()) if one.is_dir() and layout_of(one)]
        return inside or [path]  # a folder of no known layout is answered when it is read
    if not glob.has_magic(str(path)):
        raise InputError("no such folder", where=str(path), fix="give the folder of a scene")
    matches = sorted(Path(one) for one in glob.glob(str(path), recursive=True))  # noqa: PTH207
    scenes = [one for one in matches if one.is_dir() and layout_of(one)]
    if not scenes:
        fix = "give folders of posed RGB-D frames; see: openseg validate SCENE"
        raise InputError("the pattern matches no scene", where=str(path), fix=fix)
    return scenes
