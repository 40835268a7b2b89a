"""Benchmarks as data: which samples, which task, which metric, what others reported.

A file `benchmarks/<name>.yaml` may hold several `variants` (splits, class lists); variant `val` of
`refcoco` is the benchmark `refcoco-val`. `refcoco` means the variant without a name, or where there
is none, all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openseg.types.errors import UserError
from openseg.types.plain_yaml import read_yaml

FOLDER = Path(__file__).parents[1] / "benchmarks"


class Frozen(BaseModel):
    """Base of what a benchmark file holds: nothing unknown, nothing changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reported(Frozen):
    """A number that someone published."""

    method: str = Field(description="The method as its authors call it.")
    pipeline: str = Field("", description="Our pipeline of the same method, if there is one.")
    metric: str = Field(description="The official name of the number.")
    value: float = Field(description="As printed.")
    source: str = Field(description="Paper and table.")
    differs: str = Field("", description="What is known to differ from our run.")


class Source(Frozen):
    """Where the samples come from."""

    use: str = Field(description="The loader, a module of `openseg_evals.datasets`.")
    folder: str = Field("", description="The data set's folder under --data.")
    world: str = Field("", description="A kind of mini world data, made when it is missing.")
    split: str = Field("", description="Its split, where the loader's own option says otherwise.")
    scenes: int = Field(0, ge=0, description="How many scenes of the mini world.")
    options: Mapping[str, str] = Field(default_factory=dict, description="The loader's options.")

    @property
    def world_split(self) -> str:
        """The split of the mini world that is made; empty if none is named."""
        return self.split or self.options.get("split", "")

    def under(self, data: Path) -> Path:
        """Where the samples lie in the folder of data sets, whether they are there or not."""
        if not self.world:
            return data / self.folder
        return data / "mini" / f"{self.world}-{self.world_split}-{self.scenes}"


class Benchmark(Frozen):
    """One benchmark."""

    name: str
    version: int = Field(1, ge=1, description="Raised when a change moves numbers.")
    about: str = Field(description="What it measures, in a sentence.")
    dataset: Source
    task: str = Field(description="How answers are written, a name of `openseg_evals.tasks`.")
    metric: str = Field(description="A metric of `openseg score`.")
    conventions: Mapping[str, str] = Field(
        default_factory=dict, description="The metric's conventions that differ from the default."
    )
    given: tuple[str, ...] = Field(
        (), description="What the protocol gives to every method: steps of the oracle."
    )
    main: str = Field(description="The number that ranks methods, an official name.")
    best: float = Field(100.0, description="Its best value: 1 for metrics given as fractions.")
    shown: tuple[str, ...] = Field((), description="The numbers of the tables; all if empty.")
    reported: tuple[Reported, ...] = ()


_PARTS: Mapping[str, type[Frozen]] = {"dataset": Source, "reported": Reported}


def benchmark_names() -> list[str]:
    """Every benchmark, variants spelled out, sorted."""
    return sorted(one.name for path in _files() for one in _read(path))


def find_benchmarks(name: str) -> list[Benchmark]:
    """The benchmarks of a name: one, or all variants of a file; a path names a file of one's own.

    Raises:
        UserError: If there is none, or its file has a fault.
    """
    own = Path(name)
    if own.suffix in {".yaml", ".yml"}:
        if not own.is_file():
            raise UserError("there is no such benchmark file", where=name, fix="check the path")
        return _read(own)
    for path in _files():
        found = _read(path)
        if chosen := [one for one in found if one.name == name]:
            return chosen
        if path.stem == name:
            return found
    near = get_close_matches(name, benchmark_names(), n=1, cutoff=0.5)
    fix = f"did you mean {near[0]!r}?" if near else "see: openseg ls benchmarks"
    raise UserError(f"there is no benchmark {name!r}", fix=fix)


def _files() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"))


@cache
def _read(path: Path) -> list[Benchmark]:
    try:
        content = read_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        what = f"cannot be read as YAML: {' '.join(str(error).split())}"
        raise UserError(what, where=str(path), fix="mend the file") from error
    if not isinstance(content, dict):
        raise UserError("is not a benchmark", where=str(path), fix="write keys and values")
    variants = content.pop("variants", None) or {"": {}}
    if not isinstance(variants, dict) or not all(
        isinstance(change, dict | None) for change in variants.values()
    ):
        fix = "write the end of each name, and the keys that differ under it"
        raise UserError("variants: is not a mapping of mappings", where=str(path), fix=fix)
    return [_benchmark(path, content, suffix, change) for suffix, change in variants.items()]


def _benchmark(path: Path, base: dict[str, Any], suffix: str, change: Any) -> Benchmark:
    name = f"{path.stem}-{suffix}" if suffix else path.stem
    try:
        return Benchmark.model_validate({"name": name, **_merged(base, change or {})})
    except ValidationError as error:
        first = error.errors()[0]
        *outer, key = (str(part) for part in first["loc"])
        what = f"{'.'.join([*outer, key])}: {first['msg'].lower()}"
        fix = ""
        if first["type"] == "extra_forbidden":
            known = _PARTS.get(next(iter(outer), ""), Benchmark).model_fields
            near = get_close_matches(key, known, n=1)
            fix = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(known)}"
        raise UserError(what, where=f"{path} ({name})", fix=fix) from None


def _merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The base with the variant's keys over it, mappings merged key by key."""
    merged = dict(base)
    for key, value in change.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merged(old, value) if both else value  # type: ignore[arg-type]
    return merged
