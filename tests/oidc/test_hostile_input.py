"""Every endpoint against what no client should send: methods, bodies, headers, bytes."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.hostile import (
    BAD_BYTES,
    MARKUP,
    Answer,
    pairs,
    refused_in_json,
    refused_on_a_page,
    sane,
    send,
)

pytestmark = pytest.mark.usefixtures("faultless")

# where, and what may be done there
DISCOVERY = "/.well-known/openid-configuration"
OAUTH_METADATA = "/.well-known/oauth-authorization-server"
METHODS = {
    "/authorize": "GET POST",
    "/authorize/resume": "GET",
    "/token": "POST",
    "/par": "POST",
    "/userinfo": "GET POST",
    "/introspect": "POST",
    "/revoke": "POST",
    "/logout": "GET POST",
    "/jwks": "GET",
    DISCOVERY: "GET",
    OAUTH_METADATA: "GET",
    "/signin": "GET POST",
    "/signup": "GET POST",
    "/consent": "GET POST",
    "/verify": "GET POST",
    "/verify/resend": "POST",
    "/verify/link": "GET POST",
}
BACK_CHANNEL = ("/token", "/par", "/introspect", "/revoke")
EVERYWHERE = [(path, method) for path in METHODS for method in METHODS[path].split()]
POSTABLE = [path for path, methods in METHODS.items() if "POST" in methods]
TOO_MUCH = "a" * 1_000_000


def refused_in_its_way(path: str, answer: Answer, *statuses: int) -> None:
    """As the face of this path refuses; 422 is no status of OAuth."""
    if path in (*BACK_CHANNEL, "/userinfo"):
        refused_in_json(answer, statuses=statuses)
    else:
        refused_on_a_page(answer, statuses=statuses)


WRONG_METHODS = [
    (path, method)
    for path, allowed in METHODS.items()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "BREW")
    if method not in allowed.split()
]


@pytest.mark.parametrize(("path", "method"), WRONG_METHODS)
@pytest.mark.spec("RFC 9110 §15.5.6")
def test_a_wrong_method_is_405_and_says_what_is_allowed(
    server: Any, path: str, method: str
) -> None:
    answer = sane(send(server.url, path, method=method))
    assert answer.status == 405
    said = {word.strip() for word in answer.headers["Allow"].split(",")}
    assert set(METHODS[path].split()) <= said and method not in said


@pytest.mark.parametrize("path", METHODS)
def test_head_is_get_without_a_body(server: Any, path: str) -> None:
    answer = sane(send(server.url, path, method="HEAD"))
    expected = send(server.url, path).status if "GET" in METHODS[path] else 405
    assert (answer.status, answer.body) == (expected, b"")


@pytest.mark.parametrize("path", POSTABLE)
def test_a_body_of_a_megabyte_is_refused(server: Any, path: str) -> None:
    body = pairs([("state", TOO_MUCH), ("token", "x")])
    answer = send(server.url, path, method="POST", body=body)
    refused_in_its_way(path, answer, 413)


@pytest.mark.parametrize("path", POSTABLE)
def test_a_form_of_ten_thousand_fields_is_refused(server: Any, path: str) -> None:
    body = "&".join(f"f{n}=" for n in range(10_000))
    answer = send(server.url, path, method="POST", body=body)
    assert sane(answer).status in (400, 401, 403, 413), answer.status


@pytest.mark.parametrize("name", ["X-Long", "Cookie", "Authorization", "traceparent"])
def test_a_header_of_20_kilobytes_breaks_nothing(server: Any, name: str) -> None:
    """The front may refuse it (431) before the application has a trace id for it."""
    for path, method in EVERYWHERE:
        answer = send(server.url, path, method=method, headers=[(name, "a" * 20_000)])
        assert answer.status == 431 or sane(answer)


def test_a_query_of_20_kilobytes_breaks_nothing(server: Any) -> None:
    for path, method in EVERYWHERE:
        answer = send(server.url, f"{path}?state={'a' * 20_000}", method=method)
        assert answer.status == 414 or sane(answer)


@pytest.mark.parametrize("path", POSTABLE)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"grant_type": "client_credentials", "token": "x"}'),
        ("text/plain", "grant_type=client_credentials"),
        ("multipart/form-data; boundary=b", "--b\r\nnot what it says\r\n--b--"),
        ("multipart/form-data", "--b"),
        ("application/x-www-form-urlencoded; charset=utf-16", "g=1"),
        ("nonsense", "g=1"),
        ("\xff\xfe", "g=1"),
        (None, "grant_type=client_credentials"),
    ],
)
def test_a_wrong_content_type_is_refused(
    server: Any, path: str, content_type: str | None, body: str
) -> None:
    """RFC 6749 §3.2 and Appendix B: forms only; never 500, never read as a form."""
    answer = send(server.url, path, method="POST", body=body, kind=content_type)
    refused_in_its_way(path, answer, 400, 401, 403, 404, 415)


@pytest.mark.parametrize("value", BAD_BYTES.values(), ids=BAD_BYTES)
def test_bytes_that_are_no_text_break_nothing(server: Any, value: str) -> None:
    """In the name and in the value, of the query and of the form."""
    for path, method in EVERYWHERE:
        for part in (f"state={value}", f"{value}=state", f"interaction={value}"):
            sane(send(server.url, f"{path}?{part}", method=method))
            if method == "POST":
                answer = sane(send(server.url, path, method=method, body=part))
                assert answer.status >= 400, path


@pytest.mark.parametrize(
    "query", ["%", "%zz", "&&&===", "?" * 50, "a" * 300, "[]=&[0]=", "%u0041=x", ";;"]
)
def test_a_broken_query_breaks_nothing(server: Any, query: str) -> None:
    for path, method in EVERYWHERE:
        sane(send(server.url, f"{path}?{query}", method=method))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Cookie", b"\xff\xfe=\xff"),
        ("Cookie", b"; ; =; a; =b;"),
        ("Cookie", b"__Host-session=" + b"%00" * 40),
        ("Cookie", b"__Host-session=a; __Host-session=b"),
        ("Authorization", b"\xff\xfe"),
        ("Authorization", b"Bearer"),
        ("Accept-Language", b"\xff, *;q=nonsense, " + b"en;q=0.1," * 200),
        ("Accept", b"application/nonsense;q=x"),
        ("Content-Length", b"0"),
        ("traceparent", b"00-zz-zz-01"),
        ("traceparent", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-00"),
        ("X-Forwarded-For", b"<script>alert(1)</script>"),
        ("X-Forwarded-Host", b"evil.example"),
        ("X-Forwarded-Proto", b"javascript"),
        ("Forwarded", b"host=evil.example;proto=https"),
        ("Origin", b"\xff"),
        ("User-Agent", b"\xff\xfe" + b"a" * 3000),
        ("Referer", b"javascript:alert(1)"),
    ],
)
def test_headers_that_lie_change_nothing(server: Any, name: str, value: bytes) -> None:
    """RFC 9700 §4.13: what a proxy might say is believed of nobody here."""
    for path, method in EVERYWHERE:
        answer = sane(send(server.url, path, method=method, headers=[(name, value)]))
        assert b"evil.example" not in answer.body
        assert "evil.example" not in (answer.location or "")


def test_the_host_header_names_nothing(server: Any) -> None:
    """Issuer and every URL come from one setting."""
    for path in (DISCOVERY, OAUTH_METADATA, "/signin", "/authorize"):
        answer = sane(send(server.url, path, headers=[("Host", "evil.example")]))
        assert b"evil.example" not in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/token/",
        "/authorize/x",
        "/.well-known/nothing",
        "/%FF",
        "/%00",
        "/static/",
        "/static/../setup.cfg",
        "/static/%2e%2e/setup.cfg",
        "//evil.example",
        f"/{'a' * 5000}",
        "/" + quote(MARKUP),
    ],
)
def test_what_is_not_here_is_404_in_a_proper_form(server: Any, path: str) -> None:
    answer = sane(send(server.url, path))
    assert answer.status in (404, 405, 414), answer.status
    assert answer.location is None


@pytest.mark.parametrize("given", ["00-" + "ab" * 16 + "-" + "cd" * 8 + "-01", ""])
def test_the_trace_id_is_the_callers_if_it_is_good(server: Any, given: str) -> None:
    """W3C Trace Context: taken over from `traceparent`, else a new one."""
    headers = [("traceparent", given)] if given else []
    answers = [sane(send(server.url, "/token", headers=headers)) for _ in range(2)]
    first, second = (answer.headers["X-Trace-Id"] for answer in answers)
    assert (first == second == "ab" * 16) if given else first != second


def test_a_trace_id_of_zeros_is_not_taken_over(server: Any) -> None:
    zeros = "00-" + "0" * 32 + "-" + "cd" * 8 + "-01"
    answer = sane(send(server.url, "/token", headers=[("traceparent", zeros)]))
    assert answer.headers["X-Trace-Id"] != "0" * 32


BASIC = {
    "nothing": b"Basic",
    "empty": b"Basic ",
    "no base64": b"Basic !!!not base64!!!",
    "odd base64": b"Basic YWJ",
    "no colon": b"Basic " + base64.b64encode(b"client"),
    "only colon": b"Basic " + base64.b64encode(b":"),
    "no secret": b"Basic " + base64.b64encode(b"client:"),
    "not UTF-8": b"Basic " + base64.b64encode(b"\xff\xfe:\xff"),
    "Latin-1": b"Basic " + base64.b64encode("é:ü".encode("latin-1")),
    "UTF-8": b"Basic " + base64.b64encode("é:ü漢".encode()),
    "NUL": b"Basic " + base64.b64encode(b"a\0b:c\0d"),
    "percent NUL": b"Basic " + base64.b64encode(b"a%00b:c%FFd"),
    "broken percent": b"Basic " + base64.b64encode(b"%:%zz"),
    "raw bytes": b"Basic \xff\xfe\xfd",
    "large": b"Basic " + base64.b64encode(b"a" * 5000 + b":" + b"b" * 5000),
    "other scheme": b"Bearer abc",
    "unknown scheme": b"Nonsense abc",
    "markup": b"Basic " + base64.b64encode(MARKUP.encode() + b":x"),
    "controls": b"Basic " + base64.b64encode(b"a\r\nSet-Cookie: x=y:b"),
}


@pytest.mark.parametrize("path", BACK_CHANNEL)
@pytest.mark.parametrize("value", BASIC.values(), ids=BASIC)
@pytest.mark.spec("RFC 6749 §2.3.1")
def test_a_malformed_basic_header_is_a_refusal(
    server: Any, path: str, value: bytes
) -> None:
    """Authlib decodes it unguarded; here it is `invalid_client`, or a bad request."""
    body = "grant_type=client_credentials&token=x"
    headers = [("Authorization", value)]
    answer = send(server.url, path, method="POST", headers=headers, body=body)
    refused_in_json(answer, ("invalid_client", "invalid_request"))
