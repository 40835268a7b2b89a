"""Weights into architectures: nothing is left random and nothing is unpickled.

A key the architecture has and the checkpoint lacks would keep its random value and spoil results
without a sound, so it is an error that names the key.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
import transformers
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from openseg.types.errors import MissingWeightsError

_log = logging.getLogger(__name__)

Model = TypeVar("Model", bound=nn.Module)


def load_model(
    architecture: type[Model],
    folder: Path,
    device: torch.device,
    dtype: torch.dtype,
    harmless: Sequence[str] = (),
) -> Model:
    """Loads a model of `transformers` from a local folder.

    Args:
        architecture: The class, for example `transformers.SamModel`.
        folder: Folder with `config.json` and safetensors.
        device: Where to put it.
        dtype: What it computes in.
        harmless: Regular expressions of keys that may be missing because the architecture does not
            use them.

    Returns:
        The model in eval mode, without gradients.

    Raises:
        MissingWeightsError: If the folder cannot be read as that architecture, or keys are missing.
    """
    quiet = transformers.utils.logging.get_verbosity()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    pretrained: Any = architecture
    try:
        model, report = pretrained.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            dtype=dtype,
            output_loading_info=True,
        )
    except (OSError, RuntimeError, ValueError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0]
        raise MissingWeightsError(
            f"cannot load {architecture.__name__}: {reason}", where=str(folder)
        ) from error
    finally:
        transformers.utils.logging.set_verbosity(quiet)
        transformers.utils.logging.enable_progress_bar()
    _check(folder, report["missing_keys"], report["unexpected_keys"], harmless)
    loaded: Model = _frozen(model, device, dtype)
    return loaded


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """All tensors of a folder's safetensors files, by key, on the CPU.

    Raises:
        MissingWeightsError: If a file is not safetensors, whatever its name says.
    """
    tensors: dict[str, Tensor] = {}
    for file in sorted(folder.glob("*.safetensors")):
        try:
            tensors |= load_file(file)
        except SafetensorError as error:
            raise MissingWeightsError(f"broken weights: {error}", where=str(file)) from error
    return tensors


def assign(
    model: Model,
    tensors: Mapping[str, Tensor],
    folder: Path,
    device: torch.device,
    dtype: torch.dtype,
    harmless: Sequence[str] = (),
) -> Model:
    """Puts tensors into a model that is not one of `transformers`.

    Args:
        model: The architecture.
        tensors: Weights by the architecture's own keys.
        folder: Where they came from, for messages.
        device: Where to put the model.
        dtype: What it computes in.
        harmless: Regular expressions of keys that may be missing.

    Returns:
        The same model in eval mode, without gradients.

    Raises:
        MissingWeightsError: If keys are missing or a shape differs.
    """
    try:
        report = model.load_state_dict(dict(tensors), strict=False)
    except RuntimeError as error:
        reason = "; ".join(line.strip() for line in str(error).splitlines()[1:4])
        raise MissingWeightsError(
            f"the weights do not fit {type(model).__name__}: {reason}", where=str(folder)
        ) from error
    _check(folder, report.missing_keys, report.unexpected_keys, harmless)
    return _frozen(model, device, dtype)


def _frozen(model: Model, device: torch.device, dtype: torch.dtype) -> Model:
    model.to(device=device, dtype=dtype)
    model.eval()
    model.requires_grad_(False)
    return model


def _check(
    folder: Path, missing: Iterable[str], unexpected: Iterable[str], harmless: Sequence[str]
) -> None:
    lost = sorted(key for key in missing if not any(re.search(one, key) for one in harmless))
    if lost:
        raise MissingWeightsError(
            f"the checkpoint lacks {len(lost)} weights of the model: {_some(lost)}",
            where=str(folder),
            fix="is it the checkpoint of another model?",
        )
    unused = sorted(unexpected)
    if unused:
        _log.info("%s: %d weights are not used: %s", folder, len(unused), _some(unused))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
