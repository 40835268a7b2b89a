"""Against a real `transformers serve` process: the same small network, behind a socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from openseg.models.adapters.vision_language.hf import TransformersVisionLanguage
from openseg.models.adapters.vision_language.server import ServerVisionLanguage
from openseg.models.adapters.vision_language.server_config import ServerConfig
from openseg.models.protocols import VisualQuestion
from openseg.types.errors import OpensegError
from tests.models.adapters.pictures import picture
from tests.models.adapters.vision_language.checkpoints import save_llava

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llava(tmp_path_factory.mktemp("llava"))


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's address, once it answers."""
    home = tmp_path_factory.mktemp("home")
    (home / "hub").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "transformers"), "serve", str(folder)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    quiet = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(home)}
    log = home / "log.txt"
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=quiet, stdout=file, stderr=file)
    try:
        patience = time.monotonic() + 300  # it imports much, on a busy machine for minutes
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > patience:
                pytest.fail(f"transformers serve is not up: {log.read_text()[-500:]}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
    except OSError:
        return False
    return True


def questions() -> list[VisualQuestion]:
    return [
        VisualQuestion(text, (picture(30, 40, seed).pixels,))
        for seed, text in enumerate(("what is it?", "which colour?", "what is beside it?"))
    ]


def test_the_server_says_what_the_network_says_here(folder, address):
    config = ServerConfig(base_url=address, model=str(folder), key_variable="", concurrency=2)
    served = ServerVisionLanguage(config)
    replies = served.ask(questions(), 8)
    here = TransformersVisionLanguage.load(folder, torch.device("cpu"), torch.float32)
    wanted = here.ask(questions(), 8)
    assert [reply.text for reply in replies] == [reply.text for reply in wanted]
    assert len({reply.text for reply in replies}) > 1
    report = served.spending.report()
    assert report["questions"] == 3
    assert report["prompt_tokens"] == here.spending.report()["prompt_tokens"]


def test_a_model_the_server_does_not_have_is_told(address):
    config = ServerConfig(base_url=address, model="/no/such/model", key_variable="", retries=0)
    adapter = ServerVisionLanguage(config)
    with pytest.raises(OpensegError, match=r"no model|refuses|failed") as caught:
        raise adapter.ask(questions()[:1], 8)[0]
    assert address in str(caught.value)
