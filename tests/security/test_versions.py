"""Packages that read what other people made are not allowed in versions with known holes.

They were looked up by hand in November 2026, where the data of `pip-audit` could not be reached.
`docs/promises.md` says which packages were looked at.
"""

from __future__ import annotations

import re

import pytest
from packaging.version import Version

from tests.lowest import PROJECT, lowest_versions

MENDED = {
    # CVE-2025-32434 and CVE-2026-24747: `torch.load(weights_only=True)` ran code.
    "torch": "2.10.0",
    # CVE-2026-96639, GHSA-5x8w-8jj5-q52h: several frames, and JPEG, written beyond their memory.
    "pillow": "13.0.0",
    # CVE-2025-62593, CVE-2026-27482: web pages reached the dashboard; CVE-2026-57516: pickles run.
    "ray": "2.56.0",
    # CVE-2026-5241: a checkpoint's configuration set `trust_remote_code`.
    "transformers": "5.3.0",
    # CVE-2026-44513: a pipeline's folder brought code in without `trust_remote_code`.
    "diffusers": "0.38.0",
    # CVE-2026-33682: paths that a browser sends were resolved before they were checked.
    "streamlit": "1.54.0",
}


@pytest.mark.parametrize(("name", "version"), MENDED.items())
def test_no_version_with_a_known_hole_is_allowed_or_pinned(name, version):
    lowest = lowest_versions(PROJECT.read_text("utf-8"))
    assert Version(lowest[name]) >= Version(version)
    pins = (PROJECT.parent / "constraints.txt").read_text("utf-8")
    [pinned] = re.findall(rf"^{name}==(\S+)", pins, re.MULTILINE | re.IGNORECASE)
    assert Version(pinned) >= Version(version)
