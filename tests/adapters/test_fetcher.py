"""Our own requests against servers that mean harm."""

import gzip
import json
import socket
import ssl
import threading
import time
import warnings
import zlib

import pytest

from authserver.adapters import fetcher as module
from authserver.adapters.exchange import FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.errors import ConfigError
from tests.adapters.authority import Authority
from tests.adapters.hostile_server import page, serving

KEYS = {"keys": [{"kty": "EC", "kid": "1"}]}
GOOD = page(json.dumps(KEYS).encode())


@pytest.fixture
def fetcher():
    """One that may speak to this machine, and without encryption."""
    return Fetcher(allow_http=True, allowed=["127.0.0.1"])


def test_the_json_of_a_url(fetcher):
    with serving(GOOD) as server:
        assert fetcher.get_json(server.url("/jwks?a=1")) == KEYS
    head = server.requests[0].split("\r\n")
    assert head[0] == "GET /jwks?a=1 HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" in head
    assert "Accept: application/json" in head


def test_a_form_is_sent(fetcher):
    with serving(page(b"", status="204 No Content")) as server:
        answer = fetcher.post_form(server.url("/logout"), {"logout_token": "a b&c=é"})
    assert answer.status == 204
    head, _, body = server.requests[0].partition("\r\n\r\n")
    assert head.startswith("POST /logout HTTP/1.1")
    assert "Content-Type: application/x-www-form-urlencoded" in head
    assert body == "logout_token=a+b%26c%3D%C3%A9"


# Where it does not go


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_this_machine_is_not_called(host):
    with serving(GOOD) as server:
        for closed in (
            Fetcher(allow_http=True),
            Fetcher(allow_http=True, allowed=["::1"]),
        ):
            with pytest.raises(FetchFailed, match=r"not public|resolve"):
                closed.get_json(server.url(host=host))
            with pytest.raises(FetchFailed, match=r"not public|resolve"):
                closed.post_form(server.url(host=host), {})
    assert server.requests == []


def test_plain_http_is_not_spoken():
    with serving(GOOD) as server, pytest.raises(FetchFailed, match="http"):
        Fetcher(allowed=["127.0.0.1"]).get_json(server.url())
    assert server.requests == []


def test_a_name_that_is_public_and_inside_at_once_is_refused():
    def both(host, port):
        return ["93.184.216.34", "127.0.0.1"]

    closed = Fetcher(allow_http=True, resolve=both)
    with serving(GOOD) as server, pytest.raises(FetchFailed, match="not public"):
        closed.get_json(server.url(host="rebind.example"))
    assert server.requests == []


def test_the_address_that_was_looked_at_is_the_one_that_is_called():
    """A name may give a public address when it is checked, and ours a moment later."""
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    pinned = Fetcher(allow_http=True, allowed=["127.0.0.1"], resolve=rebinding)
    with serving(GOOD) as server:
        assert pinned.get_json(server.url(host="rebind.example")) == KEYS
    assert asked == ["rebind.example"]
    assert f"Host: rebind.example:{server.port}" in server.requests[0]


# Redirects


def redirect(where, status="302 Found"):
    return page(b"", status=status, location=where)


def test_a_few_redirects_are_followed(fetcher):
    def answer(request):
        at = request.split()[1]
        return redirect(f"{at}x") if len(at) < 4 else GOOD

    with serving(answer) as server:
        assert fetcher.get_json(server.url()) == KEYS
    assert len(server.requests) == 4


def test_a_circle_of_redirects_ends(fetcher):
    with (
        serving(lambda _: redirect("/")) as server,
        pytest.raises(FetchFailed, match="redirects"),
    ):
        fetcher.get_json(server.url())
    assert len(server.requests) == module.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.2:{port}/",
        "http://localhost.inside:{port}/",
        "https://127.0.0.2/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://user@127.0.0.1:{port}/",
        "//127.0.0.2:{port}/",
        "/\x0b",
    ],
)
def test_a_redirect_is_looked_at_like_any_other_url(fetcher, where):
    with (
        serving(lambda _: redirect(where.format(port=server.port))) as server,
        pytest.raises(FetchFailed),
    ):
        fetcher.get_json(server.url())
    assert len(server.requests) == 1


def test_a_redirect_out_of_encryption_is_refused(tmp_path):
    authority = Authority(tmp_path)
    with serving(GOOD) as plain:
        context = server_context(authority.issue("127.0.0.1"))
        with serving(lambda _: redirect(plain.url()), context=context) as server:
            strict = Fetcher(allowed=["127.0.0.1"], ca_file=str(authority.bundle))
            with pytest.raises(FetchFailed, match="http"):
                strict.get_json(server.url())
    assert plain.requests == []


def test_a_secret_does_not_follow_to_another_origin(fetcher):
    with serving(GOOD) as other, serving(lambda _: redirect(other.url())) as server:
        fetcher.get_json(server.url(), headers={"Authorization": "Bearer secret"})
    assert "Bearer secret" in server.requests[0]
    assert "secret" not in other.requests[0]


def test_a_form_is_not_sent_on(fetcher):
    with serving(redirect("/elsewhere", "307 Temporary Redirect")) as server:
        assert fetcher.post_form(server.url(), {"token": "secret"}).status == 307
    assert len(server.requests) == 1


# Too much, too slow, too odd


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
    "body", [b"not packed", gzip.compress(b"{}")[:-4], gzip.compress(b"{}")[:9], b""]
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
    with pytest.raises(FetchFailed, match="in time"):
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
        with pytest.raises(FetchFailed, match="in time"):
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


# Certificates


def server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


def encrypted(authority, **changed):
    return Fetcher(
        **{
            "allowed": ["127.0.0.1"],
            "ca_file": str(authority.bundle),
            "resolve": lambda *_: ["127.0.0.1"],
            **changed,
        }
    )


def test_name_and_certificate_are_those_of_the_url(tmp_path):
    """The address is pinned, but the handshake and Host speak of the name."""
    authority = Authority(tmp_path)
    context = server_context(authority.issue("keys.example"))
    with serving(GOOD, context=context) as server:
        url = server.url("/jwks", host="keys.example")
        assert encrypted(authority).get_json(url) == KEYS
    assert server.names == ["keys.example"]
    assert f"Host: keys.example:{server.port}" in server.requests[0]


@pytest.mark.parametrize(
    "flaw", ["another host", "another authority", "only by address"]
)
def test_a_certificate_that_does_not_fit_is_refused(tmp_path, flaw):
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "Stranger")
    certificate = {
        "another host": lambda: authority.issue("other.example"),
        "another authority": lambda: stranger.issue("keys.example"),
        "only by address": lambda: authority.issue("127.0.0.1"),
    }[flaw]()
    with (
        serving(GOOD, context=server_context(certificate)) as server,
        pytest.raises(FetchFailed, match="Cert"),
    ):
        encrypted(authority).get_json(server.url(host="keys.example"))
    assert server.requests == []


def test_old_tls_is_refused(tmp_path):
    authority = Authority(tmp_path)
    context = server_context(authority.issue("keys.example"))
    with warnings.catch_warnings(action="ignore"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.minimum_version = ssl.TLSVersion.TLSv1
    with serving(GOOD, context=context) as server, pytest.raises(FetchFailed):
        encrypted(authority).get_json(server.url(host="keys.example"))
    assert server.requests == []


def test_a_bundle_that_is_none_stops_the_start(tmp_path):
    with pytest.raises(ConfigError, match="FETCH_CA_FILE"):
        Fetcher(ca_file=str(tmp_path / "none"))
