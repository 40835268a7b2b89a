"""Checkpoints on this machine: found, checked, and downloaded only when asked.

safetensors only. A pickle can run code when it is read, so a folder that offers nothing else is
refused, with the line that converts it.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

from openseg.models.catalogue import Checkpoint
from openseg.models.large_files import fetch_large, sha256
from openseg.types.errors import MissingWeightsError

_SHA256 = re.compile(r"[0-9a-f]{64}")
PICKLES = ("*.bin", "*.pth", "*.pt", "*.ckpt", "*.pkl")
CONVERT = (
    'convert it once: python -c "import sys, torch; from safetensors.torch import save_file; '
    "w = torch.load(sys.argv[1], weights_only=True); w = w.get('model', w); "
    "save_file({k.removeprefix('module.'): t.clone() for k, t in w.items()}, "
    'sys.argv[2])" OLD NEW.safetensors'
)


def shipped_folder(checkpoint: Checkpoint) -> Path:
    """The folder of weights that came with a package; it need not exist."""
    return Path(str(files("openseg"))) / "mini" / "weights" / str(checkpoint.shipped)


def hub_folder(checkpoint: Checkpoint) -> Path | None:
    """The Hub cache's folder of a checkpoint, or None if it lacks a file. No network."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        found = snapshot_download(
            str(checkpoint.repo),
            revision=checkpoint.revision,
            allow_patterns=list(checkpoint.files),
            local_files_only=True,
        )
    except LocalEntryNotFoundError:
        return None
    return Path(found)


def download(checkpoint: Checkpoint) -> Path:
    """Downloads a checkpoint's safetensors and configuration into the Hub cache.

    Returns:
        Its folder there.

    Raises:
        MissingWeightsError: If the Hub cannot be reached, or does not hand the files out.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, HTTPError

    repo, patterns = str(checkpoint.repo), list(checkpoint.files)
    try:
        if damaged := fetch_large(repo, checkpoint.revision, patterns):
            raise _damaged(repo, damaged)
        folder = Path(
            snapshot_download(repo, revision=checkpoint.revision, allow_patterns=patterns)
        )
    except GatedRepoError as error:
        raise MissingWeightsError(
            f"'{repo}' is handed out only to accounts that accepted its terms",
            fix=f"accept them at https://huggingface.co/{repo}, then: hf auth login",
        ) from error
    except (HTTPError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise MissingWeightsError(
            f"cannot download '{repo}': {reason}", fix="give the command again to go on with it"
        ) from error
    _verify(folder, repo)
    return folder


def _verify(folder: Path, repo: str) -> None:
    """Removes and refuses weights that are not those the Hub holds: it names them by their sha256.

    The Hub's client compares sizes only.
    """
    for file in folder.rglob("*"):
        blob = file.resolve()
        if not _SHA256.fullmatch(blob.name):
            continue
        if sha256(blob) != blob.name:
            file.unlink()
            blob.unlink(missing_ok=True)
            raise _damaged(repo, file.name)


def _damaged(repo: str, name: str) -> MissingWeightsError:
    return MissingWeightsError(
        f"'{repo}': {name} has not the checksum that the Hub gives", fix="give the command again"
    )


def has_stand_in(folder: Path, stand_ins: tuple[str, ...]) -> bool:
    """Whether a folder holds a file that stands in place of weights."""
    return any(file.is_file() for pattern in stand_ins for file in folder.glob(pattern))


def is_checkpoint(
    folder: Path, model_types: tuple[str, ...], stand_ins: tuple[str, ...] = ()
) -> bool:
    """Whether a folder is itself a checkpoint of one of these types.

    Args:
        folder: The folder.
        model_types: The `model_type` its `config.json` may have, or the class its
            `model_index.json` names; if empty, any folder that holds weights directly will do.
        stand_ins: Patterns of files that stand in place of weights.
    """
    if has_stand_in(folder, stand_ins):
        return True
    if model_types:
        return _model_type(folder) in model_types
    return any(folder.glob("*.safetensors")) or bool(_pickles(folder))


def check_folder(folder: Path, family: str, stand_ins: tuple[str, ...] = ()) -> None:
    """Checks that a folder, or a part of a pipeline inside it, holds weights that can be read.

    Args:
        folder: The folder.
        family: For messages.
        stand_ins: What could stand in place of weights and is not there, for messages.

    Raises:
        MissingWeightsError: If there is no safetensors file, or a part of one is missing.
    """
    places = [folder, *(one for one in sorted(folder.iterdir()) if one.is_dir())]
    parts = {file.relative_to(folder) for one in places for file in one.glob("*.safetensors")}
    for index in (file for one in places for file in one.glob("*.safetensors.index.json")):
        place = index.parent.relative_to(folder)
        listed = {
            place / name for name in json.loads(index.read_text("utf-8"))["weight_map"].values()
        }
        if lost := sorted(listed - parts):
            raise MissingWeightsError(
                f"model '{family}': {len(lost)} of {len(listed)} weight files are missing, "
                f"first {lost[0]}",
                where=str(folder),
            )
    if parts:
        return
    if pickles := _pickles(folder):
        raise MissingWeightsError(
            f"model '{family}': only a pickle is here ({pickles[0]}), which could run code; "
            "openseg reads safetensors",
            where=str(folder),
            fix=CONVERT,
        )
    wanted = ".safetensors file" + (f" and none of {', '.join(stand_ins)}" if stand_ins else "")
    raise MissingWeightsError(f"model '{family}': no {wanted} here", where=str(folder))


def _pickles(folder: Path) -> list[str]:
    return sorted(file.name for pattern in PICKLES for file in folder.glob(pattern))


def _model_type(folder: Path) -> str | None:
    """What a checkpoint of `transformers` or a pipeline of `diffusers` says it is."""
    for name, key in (("config.json", "model_type"), ("model_index.json", "_class_name")):
        try:
            config = json.loads((folder / name).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(config, dict) and key in config:
            return str(config[key])
    return None
