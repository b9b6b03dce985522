"""Answers that are too much, too slow or too odd."""

import gzip
import json
import socket
import threading
import time
import zlib

import pytest

from authserver.adapters import fetcher as module
from authserver.adapters.exchange import FetchFailed
from authserver.adapters.fetcher import Fetcher
from tests.adapters.hostile_server import page, serving

KEYS = {"keys": [{"kty": "EC", "kid": "1"}]}
GOOD = page(json.dumps(KEYS).encode())


@pytest.fixture
def fetcher():
    """One that may speak to this machine, and without encryption."""
    return Fetcher(allow_http=True, allowed=["127.0.0.1"])


def endless(part, pause=0.0):
    def answer(_request):
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
        while True:
            time.sleep(pause)
            yield part

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        page(b"[" + b" " * 5_000 + b"]"),
        page(b"x" * 5_000, content_length=None),
        page(b"", content_length="99999999999"),
        endless(b" " * 1_000),
        page(b"1000\r\n" + b" " * 4096 + b"\r\n" * 400,
             content_length=None, transfer_encoding="chunked"),
    ],
    ids=["length", "no length", "a large promise", "endless", "chunks"],
)  # fmt: skip
def test_more_than_was_allowed_is_refused(fetcher, answer):
    with serving(answer) as server, pytest.raises(FetchFailed):
        fetcher.get_json(server.url(), max_bytes=1_000, timeout_s=3)


def test_exactly_what_was_allowed_is_taken(fetcher):
    with serving(page(b"[" + b" " * 998 + b"]")) as server:
        assert fetcher.get_json(server.url(), max_bytes=1_000) == []


def test_what_was_packed_is_unpacked(fetcher):
    body = gzip.compress(json.dumps(KEYS).encode())
    with serving(page(body, content_encoding="gzip")) as server:
        assert fetcher.get_json(server.url()) == KEYS
    assert "Accept-Encoding: identity" in server.requests[0]


def test_a_bomb_is_not_unpacked(fetcher):
    """50 MB of blanks in 50 kB; and no more of it is ever in memory than allowed."""
    bomb = gzip.compress(b" " * 50_000_000)
    asked = []
    real = zlib.decompressobj

    class Watched:
        def __init__(self, **options):
            self.inner = real(**options)

        def decompress(self, data, most):
            asked.append(most)
            return self.inner.decompress(data, most)

        def __getattr__(self, name):
            return getattr(self.inner, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("authserver.adapters.exchange.zlib.decompressobj", Watched)
        with (
            serving(page(bomb, content_encoding="gzip")) as server,
            pytest.raises(FetchFailed, match="bytes"),
        ):
            fetcher.get_json(server.url(), max_bytes=1_000)
    assert asked
    assert all(0 < most <= 1_001 for most in asked)


@pytest.mark.parametrize("packing", ["br", "deflate", "gzip, gzip", "zstd"])
def test_a_packing_nobody_asked_for_is_refused(fetcher, packing):
    with (
        serving(page(b"{}", content_encoding=packing)) as server,
        pytest.raises(FetchFailed, match="packed"),
    ):
        fetcher.get_json(server.url())


@pytest.mark.parametrize(
    "body",
    [b"not packed", gzip.compress(b"{}")[:-4], gzip.compress(b"{}")[:9], b""],
    ids=["never packed", "cut short", "a beginning", "nothing"],
)
def test_what_cannot_be_unpacked_is_refused(fetcher, body):
    with (
        serving(page(body, content_encoding="gzip")) as server,
        pytest.raises(FetchFailed),
    ):
        fetcher.get_json(server.url())


def silence(_request):
    time.sleep(5)
    return GOOD


def slow_head(_request):
    for letter in GOOD:
        time.sleep(0.1)
        yield bytes([letter])


def always_continue(_request):
    while True:
        time.sleep(0.05)
        yield b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [silence, slow_head, always_continue, endless(b" ", 0.1)],
    ids=["silence", "letter by letter", "continue for ever", "a drop at a time"],
)
def test_the_time_is_for_all_of_it_together(fetcher, answer):
    """Each wait by itself is short: a limit of each read alone would never end."""
    started = time.monotonic()
    with serving(answer) as server, pytest.raises(FetchFailed):
        fetcher.get_json(server.url(), timeout_s=0.5)
    assert time.monotonic() - started < 2


def test_a_handshake_that_does_not_come_is_given_up():
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(FetchFailed):
            Fetcher(allowed=["127.0.0.1"]).get_json(url, timeout_s=0.3)
    assert time.monotonic() - started < 2


def test_a_name_that_nobody_answers_for_is_given_up():
    ended = threading.Event()

    def slow(host, port):
        ended.wait(10)
        return ["127.0.0.1"]

    waiting = Fetcher(allow_http=True, resolve=slow)
    started = time.monotonic()
    with pytest.raises(FetchFailed, match=r"time"):
        waiting.get_json("http://slow.example/", timeout_s=0.2)
    assert time.monotonic() - started < 2
    ended.set()


def test_slow_names_do_not_pile_up():
    ended = threading.Event()

    def slow(host, port):
        ended.wait(10)
        return []

    waiting = Fetcher(allow_http=True, resolve=slow)
    for _ in range(module.MOST_LOOKUPS):
        with pytest.raises(FetchFailed, match=r"time"):
            waiting.get("http://slow.example/", timeout_s=0.01)
    with pytest.raises(FetchFailed, match="too many names"):
        waiting.get("http://slow.example/", timeout_s=0.01)
    ended.set()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n" * 100,
        b"HTTP/1.1 200\r\n\r\n",
        b"HTTP/1.1 999999 OK\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 500 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n{}",
        page(b"{}", content_length="10"),
        page(b"{}", content_length="x"),
        page(b"zz\r\n{}\r\n", content_length=None, transfer_encoding="chunked"),
        page(b"2\r\n{}", content_length=None, transfer_encoding="chunked"),
        page(b"not json"),
        page(b'{"a": NaN}'),
        page(b"[" * 100_000),
        page(b"\xff\xfe"),
        page(b"{}", status="404 Not Found"),
        page(b"{}", status="500 Internal Server Error"),
        page(b"", status="204 No Content"),
        page(b"{}", status="302 Found"),
    ],
)
def test_an_odd_answer_is_a_failure_and_nothing_else(fetcher, answer):
    with serving(answer) as server, pytest.raises(FetchFailed):
        fetcher.get_json(server.url(), timeout_s=3)


def test_nobody_there_is_a_failure_and_nothing_else(fetcher):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(FetchFailed):
        fetcher.get_json(f"http://127.0.0.1:{port}/")
    with pytest.raises(FetchFailed, match="resolve"):
        fetcher.get_json("http://nowhere.invalid/")


def test_another_address_is_tried_when_the_first_is_silent(fetcher):
    both = Fetcher(
        allow_http=True,
        allowed=["127.0.0.0/8"],
        resolve=lambda *_: ["127.0.0.3", "127.0.0.1"],
    )
    with serving(GOOD) as server:
        assert both.get_json(server.url(host="two.example")) == KEYS
