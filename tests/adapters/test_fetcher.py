"""Where our own requests go, and where they do not; whom they believe."""

import json
import ssl
import warnings

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


@pytest.mark.parametrize("size", [2, 8192, 100_000])
@pytest.mark.parametrize("word", ["close", "keep-alive", None])
def test_a_server_may_say_that_it_closes(fetcher, size, word):
    """RFC 9112 §9.6: it still sends the whole body first."""
    said = page(b"x" * size, connection=word)
    with serving(said) as server:
        assert fetcher.get(server.url()).body == b"x" * size


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
