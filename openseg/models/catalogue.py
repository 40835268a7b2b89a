"""Which model families there are, what they can do, and which checkpoint each profile means.

Ours are written in `catalogue.yaml`; packages of others announce a `Family` in the entry-point
group `openseg.models`, under the name methods use. Nothing here imports torch.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

ENTRY_POINTS = "openseg.models"
PROTOCOLS = "openseg.models.protocols"

Profile = Literal["mini", "base", "large"]
PROFILES: tuple[Profile, ...] = ("mini", "base", "large")
DtypeName = Literal["float32", "float16", "bfloat16"]
ObjectPath = Annotated[str, StringConstraints(pattern=r"^[\w.]+:\w+$")]

DOWNLOADED = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")
"""What `openseg fetch` takes from a repository: never a pickle, never code."""


class Checkpoint(BaseModel):
    """Where the weights of one profile come from.

    Attributes:
        shipped: Folder of the package's own weights; an absolute path for a third party's.
        repo: Repository on the Hugging Face Hub, `owner/name`.
        revision: Commit, tag or branch of that repository.
        files: The files to download, as patterns of `fnmatch`.
        licence: SPDX name of the weights' licence.
        megabytes: About the size on disk.
        gated: Whether the Hub asks for an account that has accepted terms.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shipped: str | None = None
    repo: str | None = None
    revision: str = "main"
    files: tuple[str, ...] = DOWNLOADED
    licence: str
    megabytes: int = Field(gt=0)
    gated: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> Checkpoint:
        if (self.shipped is None) == (self.repo is None):
            raise ValueError("a checkpoint is either 'shipped' or in a 'repo'")
        return self


class Family(BaseModel):
    """A model family: one adapter, the protocols it fulfils, a checkpoint a profile.

    Attributes:
        summary: One line for `openseg ls models`.
        protocols: Names in `openseg.models.protocols`, or `module:Class` for a third party's own.
        adapter: `module:Class`; see `openseg.models.adapters` for what the class must offer.
        package: The distribution that runs the model.
        module: What that distribution is imported as, where the name differs.
        extra: The extra of openseg that installs it; None where it is a dependency.
        model_types: Values of `model_type` in a `config.json` that this family reads; empty where
            its checkpoints have no such file.
        stand_ins: Files that make a folder a checkpoint without weights, such as a server's
            address, or patterns of them.
        cuda: The dtype on CUDA when the user leaves the choice to us.
        checkpoints: By profile.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    summary: str
    protocols: tuple[str, ...] = Field(min_length=1)
    adapter: ObjectPath
    package: str
    module: str = ""
    extra: str | None = None
    model_types: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    cuda: DtypeName = "float32"
    checkpoints: dict[Profile, Checkpoint] = Field(default_factory=dict)

    def checkpoint(self, profile: str) -> Checkpoint | None:
        """The checkpoint of a profile, if the family has one."""
        return next((one for name, one in self.checkpoints.items() if name == profile), None)

    def protocol_types(self) -> tuple[type, ...]:
        """The protocols as classes."""
        return tuple(
            load_object(name if ":" in name else f"{PROTOCOLS}:{name}") for name in self.protocols
        )

    def installed(self) -> bool:
        """Whether the package that runs the model can be imported."""
        return importlib.util.find_spec(self.module or self.package) is not None


def load_object(path: str) -> type:
    """Imports the class that `module:Class` names."""
    module, _, name = path.partition(":")
    found: type = getattr(importlib.import_module(module), name)
    return found


@cache
def families() -> dict[str, Family]:
    """All families by the name methods use, ours and those of installed packages.

    Raises:
        TypeError: If an entry point does not name a `Family`, or takes a name of ours.
    """
    text = files("openseg.models").joinpath("catalogue.yaml").read_text("utf-8")
    found = {name: Family.model_validate(entry) for name, entry in yaml.safe_load(text).items()}
    for entry in entry_points(group=ENTRY_POINTS):
        family = entry.load()
        if not isinstance(family, Family) or entry.name in found:
            raise TypeError(
                f"entry point '{entry.name}' = '{entry.value}' in group '{ENTRY_POINTS}' must name "
                "a Family and must not take the name of another one"
            )
        found[entry.name] = family
    return found
