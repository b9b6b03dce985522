"""The envelope, its refusals, and what a client may ask of it (C2, C3; RFC 9457)."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from authserver.errors import registry
from tests.support.caller import PASSWORD, Caller

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_c2_success_has_one_shape(api: Caller) -> None:
    """The union of S1 and S4; the trace id is also in the header."""
    answer = api.get("/")
    assert list(answer.json) == ["success", "code", "message", "data", "traceId"]
    assert (answer.json["success"], answer.json["code"]) == (True, "OK")
    assert re.fullmatch(r"[0-9a-f]{32}", answer.json["traceId"])
    assert answer.headers["X-Trace-Id"] == answer.json["traceId"]


def test_c2_the_caller_s_trace_goes_on(api: Caller) -> None:
    """W3C Trace Context §3.2."""
    answer = api.get("/", traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
    assert answer.json["traceId"] == TRACE


def test_c2_a_refusal_has_one_shape(api: Caller) -> None:
    answer = api.post("/auth/signin", {"password": ""})
    assert answer.status_code == 422
    assert list(answer.json) == [
        "success",
        "code",
        "message",
        "errors",
        "data",
        "traceId",
    ]
    assert answer.json["success"] is False
    faults = {fault["field"]: fault for fault in answer.json["errors"]}
    assert faults.keys() == {"identifier", "password"}
    assert faults["password"].keys() == {"field", "code", "message"}


def test_c2_problem_details_when_asked_for(api: Caller) -> None:
    """RFC 9457."""
    answer = api.post("/auth/signin", {}, Accept="application/problem+json")
    assert answer.mimetype == "application/problem+json"
    assert (answer.json["status"], answer.json["code"]) == (422, "AUTH_002")
    assert answer.json["type"].endswith("#AUTH_002")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b'{"a":' + b"1" * 6000 + b"}", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'"text"', "application/json", 422),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"identifier":"\\ud800","password":"x"}', "application/json", 422),
        (b'{"\\ud800":1}', "application/json", 422),
        (b'{"identifier":"a\\u0000","password":"x"}', "application/json", 422),
        (b"identifier=ada&password=x", "application/x-www-form-urlencoded", 415),
        (b'{"identifier":"ada","password":"x"}', "text/plain", 415),
        (b"x" * 300_000, "application/json", 413),
    ],
)
def test_hostile_bodies_are_refused_in_the_envelope(
    api: Caller, body: bytes, kind: str, status: int
) -> None:
    """A form of another site cannot send JSON: so it cannot call at all."""
    answer = api.client.post("/v1/auth/signin", data=body, content_type=kind)
    assert answer.status_code == status, answer.text
    assert answer.json["success"] is False


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "AUTH_003"),
        ("GET", "/auth/signin", 405, "AUTH_008"),
        ("DELETE", "/", 405, "AUTH_008"),
    ],
)
def test_what_is_not_there_is_said_in_the_envelope(
    api: Caller, method: str, path: str, status: int, code: str
) -> None:
    answer = api.call(method, path)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    if status == 405:
        assert answer.headers["Allow"]


def test_c3_nothing_is_sent_to_who_wants_nothing(api: Caller, ada: str) -> None:
    """RFC 7240 §4.2."""
    given = {"email": ada}
    answer = api.post("/auth/forgot-password", given, prefer="return=minimal")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Preference-Applied"] == "return=minimal"


def test_messages_speak_the_caller_s_language(api: Caller) -> None:
    given = {"email": "nobody@example.test", "password": PASSWORD}
    said = {
        tag: api.post("/auth/signin", given, Accept_Language=tag).json["message"]
        for tag in ("en", "pt-BR", "zh-CN")
    }
    assert said["en"] == "That sign-in did not work."
    assert len(set(said.values())) == 3


def test_s4_the_table_of_codes(api: Caller, app: Flask) -> None:
    """Every refusal that there is, by a code that never changes."""
    rows = api.data(api.get("/error-codes"))
    assert [row["code"] for row in rows] == sorted(registry)
    assert all(re.fullmatch(r"AUTH_\d{3}", row["code"]) for row in rows)
    known = {row["code"]: row["status"] for row in rows}
    assert (known["AUTH_101"], known["AUTH_006"]) == (401, 429)


def test_the_index_says_where_things_are(api: Caller) -> None:
    found = api.data(api.get("/"))
    assert found["openapi"] == "https://auth.example.test/openapi.json"
    assert api.client.get("/openapi.json").status_code == 200


def test_no_answer_is_kept_by_anybody(api: Caller) -> None:
    for answer in (api.get("/"), api.post("/auth/signin", {})):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("tag", ["pt-BR", "zh-CN", "es", "ar"])
def test_faults_of_fields_speak_it_too(api: Caller, tag: str) -> None:
    """Missing, null, too long, of another kind, unknown, twice: with their numbers."""
    given = {"email": None, "password": "x" * 2000, "full_name": 7, "x": 1}
    told = {
        language: {
            fault["field"]: fault["message"]
            for fault in api.post("/auth/signup", given, Accept_Language=language).json[
                "errors"
            ]
        }
        for language in ("en", tag)
    }
    assert told["en"].keys() == told[tag].keys() == given.keys()
    assert all(told["en"][name] != told[tag][name] for name in given)
    assert "1024" in told[tag]["password"]
