"""What a server was started with; it never changes while the server runs.

Streamlit runs the app's script in a process that the command set up, so the settings travel in one
environment variable.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "OPENSEG_UI"


@dataclass(frozen=True)
class Settings:
    """The settings of a server.

    Attributes:
        runs: Folders in which run folders and evaluations are looked for.
        data: Folder of images and data sets that the app may read; None for none.
        weights: Folders of checkpoints that may be chosen beside the profiles.
        device: Where models run, as for `openseg run --device`.
        upload_megabytes: The largest file that may be uploaded.
        megapixels: The largest image that is worked on.
        kept_gigabytes: How much memory results take before the oldest are forgotten.
    """

    runs: tuple[str, ...] = ("runs",)
    data: str | None = None
    weights: tuple[str, ...] = ()
    device: str = "auto"
    upload_megabytes: int = 40
    megapixels: int = 40
    kept_gigabytes: float = 2.0

    @property
    def roots(self) -> tuple[Path, ...]:
        """Every folder that paths from the browser may lie in."""
        return tuple(Path(one) for one in (*self.runs, *([self.data] if self.data else [])))

    def export(self) -> None:
        """Hands the settings to the app's script."""
        os.environ[VARIABLE] = json.dumps(asdict(self))


def current() -> Settings:
    """The settings of this server."""
    given = json.loads(os.environ.get(VARIABLE, "{}"))
    lists = {name: tuple(given[name]) for name in ("runs", "weights") if name in given}
    return Settings(**{**given, **lists})
