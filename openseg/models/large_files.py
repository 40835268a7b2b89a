"""Large files of the Hub, fetched so that a fetch that was cut off goes on where it was.

The Hub's own client goes on only as long as one command lasts: what it has of a file when it gives
up is removed. Files that the Hub names by their sha256 are therefore fetched here beforehand, to
the place in its cache where the client looks for them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def fetch_large(repo: str, revision: str | None, patterns: Sequence[str]) -> str | None:
    """Brings a repository's large files into the Hub's cache; those that are there are left.

    Args:
        repo: The repository of a model.
        revision: Its commit, branch or tag.
        patterns: Patterns of the files that are wanted.

    Returns:
        The first file whose sha256 is not the Hub's, which is removed; None if all are right.

    Raises:
        HTTPError: If the Hub does not hand them out; what came so far is kept.
        OSError: If the connection is lost or the disk is full; likewise.
    """
    from huggingface_hub import HfApi, constants, hf_hub_url
    from huggingface_hub.file_download import repo_folder_name
    from huggingface_hub.hf_api import RepoFile
    from huggingface_hub.utils import filter_repo_objects

    folder = repo_folder_name(repo_id=repo, repo_type="model")
    blobs = Path(constants.HF_HUB_CACHE) / folder / "blobs"
    tree = HfApi().list_repo_tree(repo, revision=revision, recursive=True)
    files = [one for one in tree if isinstance(one, RepoFile)]
    for file in filter_repo_objects(files, allow_patterns=list(patterns), key=lambda one: one.path):
        if file.lfs is not None and not (blobs / file.lfs.sha256).exists():
            url = hf_hub_url(repo, file.path, revision=revision)
            if not _fetch(url, blobs / file.lfs.sha256, file.lfs.size, file.path):
                return str(file.path)
    return None


def _fetch(url: str, blob: Path, size: int, name: str) -> bool:
    """Fetches a file, or the rest of it; whether it is what it should be."""
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    blob.parent.mkdir(parents=True, exist_ok=True)
    part = blob.with_name(f"{blob.name}.incomplete")
    with part.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another process may be fetching it: wait for it
        if blob.exists():
            part.unlink(missing_ok=True)
            return True
        http_get(
            url,
            file,
            resume_size=file.seek(0, os.SEEK_END),
            headers=build_hf_headers(),
            expected_size=size,
            displayed_filename=name,
        )
        file.flush()
        if sha256(part) != blob.name:
            part.unlink()
            return False
        part.rename(blob)
    return True
