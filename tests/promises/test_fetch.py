"""A network that is lost in the middle of a fetch: it goes on where it was, and is verified."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
import torch
from safetensors.torch import save

from openseg.models.store import ModelStore
from openseg.types.errors import MissingWeightsError
from tests.models.test_fetch import COMMIT, FILES, Hub
from tests.soaking import tell, times

WEIGHTS = "model.safetensors"
CONTENT = save({"a": torch.arange(40_000)})


class Cutting(Hub):
    """Hands weights out in ranges, names them by their sha256, and hangs up when told to."""

    files = {**FILES, WEIGHTS: CONTENT}  # noqa: RUF012
    cuts: list[int] = []  # noqa: RUF012
    """After how many bytes each of the next replies breaks off."""

    begun: list[int] = []  # noqa: RUF012
    """Where each reply began."""

    flip = False
    """Whether a bit of the weights is not what it was."""

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if "/tree/" in path:
            tree = [self.entry(name, data) for name, data in self.files.items()]
            self.answer(json.dumps(tree).encode())
        elif "/resolve/" in path and path.endswith(WEIGHTS):
            self.hand_out()
        else:
            super().do_GET()

    do_HEAD = do_GET

    def entry(self, name: str, data: bytes) -> dict[str, object]:
        entry = {"type": "file", "path": name, "size": len(data), "oid": "0" * 40}
        if name == WEIGHTS:
            entry["lfs"] = {"oid": sha256(data), "size": len(data), "pointerSize": 130}
        return entry

    def hand_out(self) -> None:
        asked = self.headers.get("Range", "bytes=0-")
        start = int(asked.removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{sha256(CONTENT)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            self.begun.append(start)
            body = bytearray(CONTENT)
            body[-1] ^= self.flip
            stop = start + self.cuts.pop(0) if self.cuts else len(body)
            self.wfile.write(body[start:stop])
            if stop < len(body):
                self.close_connection = True


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Iterator[type[Cutting]]:
    handler = type("Fresh", (Cutting,), {"cuts": [], "begun": [], "sent": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    constants = "huggingface_hub.constants"
    monkeypatch.setattr(f"{constants}.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(f"{constants}.ENDPOINT", url)
    monkeypatch.setattr(f"{constants}.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(
        f"{constants}.HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(f"{constants}.DOWNLOAD_CHUNK_SIZE", 4096)  # it is 10 MB
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _seconds: None)
    yield handler
    server.shutdown()


def test_a_fetch_that_is_cut_off_goes_on_where_it_was(hub, tmp_path):
    dice = random.Random("cuts")  # noqa: S311
    meant, fetches = times(10, 100), 0
    hub.cuts.extend(dice.randrange(2 * 4096) for _ in range(meant))
    folder, told = None, []
    while folder is None:
        assert fetches <= meant
        fetches += 1
        try:
            folder = ModelStore("base").fetch("owlv2")
        except MissingWeightsError as error:
            told.append(str(error))
    assert all("give the command again to go on with it" in one for one in told)
    assert not any("\n" in one for one in told)
    assert not hub.cuts
    assert fetches > 1, "a command never gave up"
    assert (folder / WEIGHTS).read_bytes() == CONTENT
    assert hub.begun == sorted(hub.begun)
    assert hub.begun[-1] > 0, "it began anew"
    assert not list((tmp_path / "hub").rglob("*.incomplete"))
    tell("fetch cut off", cuts=meant, fetches=fetches)


def test_two_fetches_at_once_bring_the_weights_once(hub):
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda _: ModelStore("base").fetch("owlv2"), range(2)))
    assert hub.begun == [0]
    assert [(folder / WEIGHTS).read_bytes() == CONTENT for folder in found] == [True, True]


def test_weights_that_arrive_damaged_are_refused_and_fetched_again(hub):
    hub.flip = True
    with pytest.raises(MissingWeightsError, match="has not the checksum that the Hub gives"):
        ModelStore("base").fetch("owlv2")
    with pytest.raises(MissingWeightsError):
        ModelStore("base").locate("owlv2")
    hub.flip = False
    assert (ModelStore("base").fetch("owlv2") / WEIGHTS).read_bytes() == CONTENT
