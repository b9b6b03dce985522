"""/register against hostile clients: JSON, one registered word, and no fault of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.support.answer_rules import json_of, refused
from tests.support.hostile import refused_in_json, sane, send
from tests.support.live import LiveServer
from tests.support.registering import CALLBACK, at_own_address, post, register_client
from tests.support.relying_party import RelyingParty

WORDS = ("invalid_client_metadata", "invalid_redirect_uri", "invalid_request")
KIND = "application/json"
GOOD = json.dumps({"redirect_uris": [CALLBACK]})
DEEP = "[" * 60_000 + "]" * 60_000


@pytest.fixture(autouse=True)
def no_fault_of_ours(open_server: LiveServer) -> Any:
    before = len(open_server.log)
    yield
    new = open_server.log[before:].splitlines()
    assert [line[:600] for line in new if "authserver.fault" in line] == []


BODIES = {
    "nothing": b"",
    "not JSON": b"{",
    "a list": b"[]",
    "null": b"null",
    "text": b'"x"',
    "a number": b"7",
    "not UTF-8": b'{"client_name": "\xff"}',
    "overlong": b'{"client_name": "\xc0\x80"}',
    "NaN": b'{"default_max_age": NaN}',
    "Infinity": b'{"default_max_age": 1e999}',
    "a number of 5000 digits": b'{"default_max_age": ' + b"9" * 5000 + b"}",
    "a member twice": b'{"redirect_uris": ["https://a.example/"], "redirect_uris": []}',
    "a member of a key twice": b'{"jwks": {"keys": [], "keys": []}}',
    "too deep": f'{{"redirect_uris": {DEEP[:20000]}}}'.encode(),
    "deep and whole": f'{{"jwks": {DEEP[59_000:61_000]}}}'.encode(),
    "a form": b"redirect_uris=https://a.example/",
    "byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "NUL": b"\x00",
}


@pytest.mark.spec("RFC 7591 §3.2.2")
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_no_registration_is_refused(
    open_server: LiveServer, body: bytes
) -> None:
    answer = send(open_server.url, "/register", method="POST", body=body, kind=KIND)
    refused_in_json(answer, WORDS, statuses=(400,))


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", None]
)
def test_only_json_is_read(open_server: LiveServer, kind: str | None) -> None:
    answer = send(open_server.url, "/register", method="POST", body=GOOD, kind=kind)
    refused_in_json(answer, WORDS, statuses=(400,))


def test_a_large_registration_is_refused_at_once(open_server: LiveServer) -> None:
    for size in (70_000, 400_000):
        body = json.dumps({"redirect_uris": [CALLBACK], "x": "y" * size})
        answer = send(open_server.url, "/register", method="POST", body=body, kind=KIND)
        refused_in_json(answer, statuses=(413,))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "BREW"])
def test_one_registers_by_post(open_server: LiveServer, method: str) -> None:
    answer = send(open_server.url, "/register", method=method)
    refused_in_json(answer, statuses=(405,))


VALUES: list[Any] = [
    None, True, 7, -1, 1.5, "", " ", "x", "\ud800", "a\x00b", "\u202e", [], [None], [[]],
    [{}], {}, {"keys": "x"}, {"keys": [None]}, ["\ud800"], ["a\x00b"], "http://x/#",
    "https://[::1", "https://x:99999/", "//x", "https://", "javascript:alert(1)",
    ["https://\udc00/"], {"a": {"b": [1]}}, "x" * 5000, ["https://x.example/"] * 500,
]  # fmt: skip
MEMBERS = [
    "redirect_uris", "token_endpoint_auth_method", "grant_types", "response_types",
    "client_name", "client_name#en", "client_uri", "logo_uri", "scope", "contacts",
    "tos_uri", "policy_uri", "jwks", "jwks_uri", "software_id", "software_version",
    "software_statement", "application_type", "sector_identifier_uri", "subject_type",
    "id_token_signed_response_alg", "id_token_encrypted_response_enc",
    "default_max_age", "require_auth_time", "default_acr_values", "initiate_login_uri",
    "post_logout_redirect_uris", "token_endpoint_auth_signing_alg", "", "#", "a#b#c",
    "client_id", "client_secret", "profile", "skip_consent", "registered_by",
]  # fmt: skip


@pytest.mark.parametrize("member", MEMBERS)
def test_whatever_a_member_holds_the_answer_is_one_of_ours(
    open_server: LiveServer, member: str
) -> None:
    """201, or 400 with a registered word; half a surrogate pair is no text."""
    for value in VALUES:
        answer = post(open_server.url, {"redirect_uris": [CALLBACK]} | {member: value})
        if answer.status_code == 201:
            told = answer.json()
            gone = at_own_address(told, "DELETE")
            assert gone.status_code == 204
        else:
            refused(answer, *WORDS, status=400)


def test_nobody_makes_a_client_theirs_or_trusted(open_server: LiveServer) -> None:
    """Columns that are ours are no members."""
    given = {
        "redirect_uris": [CALLBACK],
        "client_id": "authserver",
        "client_secret": "known",
        "profile": "fapi2",
        "skip_consent": True,
        "registered_by": "operator",
        "refresh_ttl": 10**9,
    }
    told = json_of(post(open_server.url, given), status=201)
    assert told["client_id"] != "authserver" and told["client_secret"] != "known"
    assert not {"profile", "skip_consent", "registered_by", "refresh_ttl"} & set(told)
    found = open_server.cli("client", "show", told["client_id"])
    assert (found["skip_consent"], found["registered_by"]) == (False, "open")


@pytest.fixture(scope="module")
def party(open_server: LiveServer) -> RelyingParty:
    return register_client(open_server.url)


BAD_TOKENS = ["", "x", "x" * 43, "\u00e9".encode().decode("latin-1"), "a b", "null"]


@pytest.mark.spec("RFC 7592 §2")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("token", BAD_TOKENS)
def test_without_its_own_token_a_client_is_not_there(
    open_server: LiveServer, party: RelyingParty, method: str, token: str
) -> None:
    """401, whether the token is wrong or the client: nobody learns which exist."""
    body = GOOD if method == "PUT" else ""
    headers = [("Authorization", f"Bearer {token}")]
    for client_id in (
        party.registration.client_id,
        "nobody",
        "%00",
        "a%FFb",
        "x" * 900,
    ):
        path = f"/register/{client_id}"
        answer = send(
            open_server.url, path, method=method, headers=headers, body=body, kind=KIND
        )
        refused_in_json(answer, ("invalid_token",), statuses=(401,))
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.spec("RFC 7592 §2")
def test_the_token_of_another_client_is_a_wrong_one(
    open_server: LiveServer, party: RelyingParty
) -> None:
    other = register_client(open_server.url)
    token = other.registration.told["registration_access_token"]
    for method in ("GET", "DELETE"):
        answer = at_own_address(party.registration.told, method, token=token)
        refused(answer, "invalid_token", status=401)
    assert at_own_address(party.registration.told).status_code == 200


def test_its_own_secret_is_no_registration_token(party: RelyingParty) -> None:
    token = party.registration.client_secret
    answer = at_own_address(party.registration.told, token=token)
    refused(answer, "invalid_token", status=401)


def test_the_token_is_taken_from_the_header_alone(party: RelyingParty) -> None:
    """RFC 6750 §2.3: what stands in a URL ends in logs."""
    told = party.registration.told
    url = f"{told['registration_client_uri']}?access_token="
    url += told["registration_access_token"]
    refused(at_own_address(told, url=url, token=None), "invalid_token", status=401)


@pytest.mark.spec("Fetch §3.2")
def test_a_page_of_another_origin_may_register(open_server: LiveServer) -> None:
    """Browser apps register themselves; there is no cookie to be abused."""
    origin = {"Origin": "https://spa.example"}
    told = register_client(open_server.url).registration.told
    for url, method in (
        (f"{open_server.url}/register", "POST"),
        (told["registration_client_uri"], "DELETE"),
    ):
        asked = origin | {"Access-Control-Request-Method": method}
        before = requests.options(url, headers=asked, timeout=10)
        assert before.headers["Access-Control-Allow-Origin"] == "*"
        assert method in before.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
    answer = requests.post(
        f"{open_server.url}/register", data=GOOD, timeout=10,
        headers=origin | {"Content-Type": KIND},
    )  # fmt: skip
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


def test_a_refusal_says_which_member_and_repeats_no_markup(
    open_server: LiveServer,
) -> None:
    bad = "https://x.example/#\"'><script>alert(1)</script>"
    answer = send(
        open_server.url,
        "/register",
        method="POST",
        body=json.dumps({"redirect_uris": [bad]}),
        kind=KIND,
    )
    refused_in_json(sane(answer), ("invalid_redirect_uri",))
    assert answer.json()["error_description"].startswith("redirect_uris")
