"""Fixtures every room's tests share."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import openseg

OBJECTS = 256 * 1024**2
"""Bytes of Ray's store of objects, which would else be a third of the machine's memory."""


@pytest.fixture(scope="session")
def room() -> Path:
    """The shipped sample image."""
    return next((Path(openseg.__file__).parent / "mini" / "samples").glob("room.*"))


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """A Ray of this process with two CPUs, whose folder goes with it; starting it takes seconds.

    Ray gives its own start half a minute. Where that is too little, start one with two CPUs before
    (`ray start --head --num-cpus 2`) and name it in `RAY_ADDRESS`.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    with tempfile.TemporaryDirectory("", "ray-", "/tmp", ignore_cleanup_errors=True) as folder:
        if os.environ.get("RAY_ADDRESS"):
            ray.init(**quiet)
        else:
            ray.init(
                num_cpus=2,
                object_store_memory=OBJECTS,
                # Its own 15 gives workers next to nothing on a busy machine.
                _system_config={"worker_niceness": 0},
                include_dashboard=False,
                _temp_dir=folder,
                **quiet,
            )
        yield
        ray.shutdown()
