"""A small chat server that misbehaves as told, over real sockets, from the standard library."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""


def said(text: str | None, reason: str = "stop", refusal: str | None = None) -> Answer:
    """A proper chat completion."""
    body = {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": reason,
                "message": {"role": "assistant", "content": text, "refusal": refusal},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def fails(status: int, message: str = "no", **headers: str) -> Answer:
    """An error as servers of this kind report it."""
    body = json.dumps({"error": {"message": message}}).encode()
    return status, {"Content-Type": "application/json", **headers}, body


def raw(body: bytes, kind: str) -> Answer:
    """A body of any kind with status 200."""
    return 200, {"Content-Type": kind}, body


class OddServer:
    """What the server was asked, and how it answers.

    Attributes:
        requests: Bodies of all requests, in the order they came.
        headers: Their headers.
        busiest: Most requests that were under way at the same time.
        times: When each request came, in seconds.
    """

    def __init__(self, answer: Callable[[int, dict[str, Any]], Answer], hold: float) -> None:
        self._answer = answer
        self._hold = hold
        self._lock = threading.Lock()
        self._open = 0
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.busiest = 0
        self.url = ""

    def handle(self, request: dict[str, Any], headers: dict[str, str]) -> Answer:
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
            self.headers.append(headers)
            self.times.append(time.monotonic())
            self._open += 1
            self.busiest = max(self.busiest, self._open)
        try:
            time.sleep(self._hold)
            return self._answer(number, request)
        finally:
            with self._lock:
                self._open -= 1


@contextmanager
def odd_server(
    answer: Callable[[int, dict[str, Any]], Answer], hold: float = 0.0, port: int = 0
) -> Iterator[OddServer]:
    """Runs a server.

    Args:
        answer: From a request's number and body to the answer.
        hold: Seconds before each answer.
        port: Where it listens; 0 for any free port.
    """
    odd = OddServer(answer, hold)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, content = odd.handle(json.loads(body), dict(self.headers))
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass  # the client did not wait

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    odd.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield odd
    finally:
        server.shutdown()
        server.server_close()
