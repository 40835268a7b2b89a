"""`fetch` against a server that speaks the Hub's protocol: what is asked for and kept."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import torch
from safetensors.torch import save

from openseg.models.store import ModelStore
from openseg.types.errors import MissingWeightsError

COMMIT = "a" * 40
FILES = {
    "config.json": b'{"model_type": "owlv2"}',
    "preprocessor_config.json": b"{}",
    "model.safetensors": save({"a": torch.zeros(2)}),
    "pytorch_model.bin": b"a pickle",
    "modeling.py": b"raise SystemExit",
    "README.md": b"a card",
}


class Hub(BaseHTTPRequestHandler):
    """The four addresses `huggingface_hub` asks for."""

    files = FILES
    sent: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if "/resolve/" in path:
            name = path.rpartition("/")[2]
            self.answer(self.files[name], name)
            if self.command == "GET":
                self.sent.append(name)
        elif "/tree/" in path:
            tree = [
                {"type": "file", "path": name, "size": len(data), "oid": hashed(data)}
                for name, data in self.files.items()
            ]
            self.answer(json.dumps(tree).encode())
        elif "/revision/" in path or path.startswith("/api/models/"):
            about = {"id": "google/owl", "sha": COMMIT, "private": False, "gated": False}
            siblings = [{"rfilename": name} for name in self.files]
            self.answer(json.dumps(about | {"siblings": siblings}).encode())
        else:
            self.send_error(404)

    do_HEAD = do_GET

    def answer(self, body: bytes, name: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/octet-stream" if name else "application/json")
        self.send_header("ETag", f'"{hashed(body)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


def hashed(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    handler = type("Fresh", (Hub,), {"files": dict(FILES), "sent": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", url)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(
        "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
        url + "/{repo_id}/resolve/{revision}/{filename}",
    )
    yield handler
    server.shutdown()


def test_fetch_brings_weights_and_configuration_and_nothing_else(hub: type[Hub]) -> None:
    folder = ModelStore("base").fetch("owlv2")
    wanted = {"config.json", "preprocessor_config.json", "model.safetensors"}
    assert {file.name for file in folder.iterdir()} == wanted
    assert set(hub.sent) == wanted
    hub.sent.clear()
    later = ModelStore("base")
    later.locate("owlv2")
    assert later.folder("owlv2") == folder
    assert hub.sent == []


def test_a_repository_of_pickles_is_refused(hub: type[Hub]) -> None:
    del hub.files["model.safetensors"]
    with pytest.raises(MissingWeightsError, match=r"owlv2': no \.safetensors file"):
        ModelStore("base").fetch("owlv2")
    assert "pytorch_model.bin" not in hub.sent


def test_offline_never_asks(hub: type[Hub]) -> None:
    with pytest.raises(MissingWeightsError, match="offline"):
        ModelStore("base", offline=True).fetch("owlv2")
    assert hub.sent == []


def test_a_hub_that_cannot_be_reached_is_one_clear_line(
    hub: type[Hub], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(MissingWeightsError, match="cannot download 'google/owlv2") as caught:
        ModelStore("base").fetch("owlv2")
    assert "\n" not in str(caught.value)
