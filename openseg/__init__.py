"""Open-vocabulary segmentation composed from frozen foundation models.

`openseg.load("grounded_sam")("photo.jpg", text="the red mug").overlay().save("out.png")`
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openseg.api.method import Method, load
    from openseg.api.result import Result
    from openseg.types.errors import OpensegError

__version__ = "0.1.0"
__all__ = ["Method", "OpensegError", "Result", "load"]

_PLACES = {
    "Method": "openseg.api.method",
    "OpensegError": "openseg.types.errors",
    "Result": "openseg.api.result",
    "load": "openseg.api.method",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used: `import openseg` stays light."""
    import importlib

    if name not in _PLACES:
        raise AttributeError(f"module 'openseg' has no attribute '{name}'")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
