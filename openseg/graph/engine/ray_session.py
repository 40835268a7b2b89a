"""A connection to a Ray cluster for as long as a run lasts, or a cluster of this machine's own.

A cluster of our own keeps its logs and sockets in a temporary folder that goes with it, and sends
nothing to Ray's makers.
"""

from __future__ import annotations

import logging
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from openseg.types.errors import MissingExtraError, OpensegError, UserError

ANSWER_SECONDS = 10
"""How long a cluster may take to answer; Ray itself tries for four minutes, then ends us."""


@contextmanager
def session(address: str | None, workers: int | None, on_gpu: bool) -> Iterator[int]:
    """Connects to Ray, or uses the connection that the process has.

    Args:
        address: The cluster; None for one of this machine's own.
        workers: How many workers are asked for, if that was said.
        on_gpu: Whether each needs a GPU.

    Yields:
        How many workers to start.

    Raises:
        MissingExtraError: If Ray is not installed.
        UserError: If the cluster does not answer, or has no room for a worker.
        OpensegError: If one of this machine's own does not start.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # or it talks into our progress
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError(
            "the engine 'ray' needs the package 'ray[data]'", fix='pip install "openseg[ray]"'
        ) from error
    if address is not None:
        check_answers(address)
    with ExitStack() as stack:
        if not ray.is_initialized():
            _connect(stack, ray, address, workers)
        resource = "GPU" if on_gpu else "CPU"
        has: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        room = int(has.get(resource, 0))
        if room < (workers or 1):
            raise UserError(
                f"{workers or 1} workers need as many {resource}s, Ray has {room}",
                where="ray",
                fix="give fewer --workers",
            )
        yield workers or room


def _connect(stack: ExitStack, ray: Any, address: str | None, workers: int | None) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is not None:
        try:
            ray.init(address, **quiet)
        except (Exception, SystemExit) as error:
            raise _silent(address, str(error)) from error
    else:
        # Sockets lie in it, whose paths must be short.
        parent = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108
        folder = stack.enter_context(
            tempfile.TemporaryDirectory("", "openseg-ray-", parent, ignore_cleanup_errors=True)
        )
        try:
            ray.init(num_cpus=workers, include_dashboard=False, _temp_dir=folder, **quiet)
        except Exception as error:
            raise OpensegError(
                f"Ray does not start on this machine: {' '.join(str(error).split())}",
                where="--engine ray",
                fix="try again when the machine is less busy, or leave --engine out",
            ) from error
    stack.callback(ray.shutdown)


def check_answers(address: str) -> None:
    """Checks that something listens at a cluster's address.

    Args:
        address: `host:port`, `ray://host:port`, or a word that Ray knows, as `auto`.

    Raises:
        UserError: If nothing does within `ANSWER_SECONDS`.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return
    if not port.isdecimal():
        raise UserError(f"'{address}' is no address", where="--ray-address", fix="write host:port")
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _silent(address, str(error)) from error


def _silent(address: str, reason: str) -> UserError:
    return UserError(
        f"no Ray cluster answers at {address}: {' '.join(reason.split())}",
        where="--ray-address",
        fix="start one by `ray start --head`, or leave the address out for one of this machine",
    )
