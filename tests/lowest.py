"""Print the lowest versions that `pyproject.toml` allows, as constraints for pip.

`make test-matrix` runs the tests with them. Needs nothing but Python: it runs before an environment
is there: `python -m tests.lowest`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"

_BOUND = re.compile(r"([\w.-]+)(?:\[[\w,]+\])?>=([\w.]+)")


def lowest_versions(text: str) -> dict[str, str]:
    """The lower bound of every package that a project file names, by the package's name.

    Args:
        text: The project file.
    """
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    found = (_BOUND.match(one) for one in wanted)
    return {one[1]: one[2] for one in found if one}


if __name__ == "__main__":
    for name, version in lowest_versions(PROJECT.read_text("utf-8")).items():
        print(f"{name}=={version}")  # noqa: T201
