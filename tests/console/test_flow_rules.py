"""What the flow inspector says of a refusal, and what it never keeps."""

from __future__ import annotations

import json

from tests.support.caller import ORIGIN
from tests.support.refused_app import BACK, VERIFIER, basic, noted, told

AT_AUTHORIZE = [
    ({"client_id": "nobody"}, "client_id", "RFC 6749 §2.2"),
    ({"redirect_uri": "https://rp.example/"}, "redirect_uri", "RFC 6749 §3.1.2.3"),
    ({"redirect_uri": None}, "redirect_uri", "RFC 6749 §3.1.2.3"),
    ({"response_type": None}, "response_type", "RFC 6749 §3.1.1"),
    ({"response_type": "token"}, "response_type", "RFC 6749 §3.1.1"),
    ({"scope": 'x"y'}, "scope", "RFC 6749 §3.3"),
    ({"code_challenge": None}, "code_challenge", "RFC 7636 §4.3"),
    ({"code_challenge_method": "plain"}, "code_challenge_method", "RFC 7636 §4.3"),
    ({"prompt": "redirect_uri"}, "prompt", "OpenID Connect Core §3.1.2.1"),
    ({"prompt": "none"}, "prompt", "OpenID Connect Core §3.1.2.6"),
    ({"max_age": "soon"}, "max_age", "OpenID Connect Core §3.1.2.1"),
    ({"id_token_hint": "x.y.z"}, "id_token_hint", "OpenID Connect Core §3.1.2.1"),
    ({"claims": "{"}, "claims", "OpenID Connect Core §5.5"),
    ({"resource": "https://nowhere.example"}, "resource", "RFC 8707 §2"),
    ({"request": "x.y.z"}, "request", "RFC 9101 §6"),
    ({"response_mode": "x"}, "response_mode", "OAuth 2.0 Multiple Response Types §2.1"),
    ({"authorization_details": "{}"}, "authorization_details", "RFC 9396 §5"),
]


def test_each_refusal_names_its_parameter_and_its_section(wire, good_ask, db):
    """What an integrator asks first: which parameter, and where is that written."""
    wrong = {}
    for changes, parameter, section in AT_AUTHORIZE:
        sent = {n: v for n, v in {**good_ask, **changes}.items() if v is not None}
        answer = wire.get("/authorize", query_string=sent, base_url=ORIGIN)
        row = next(
            one for one in noted(db) if one.trace_id == answer.headers["X-Trace-Id"]
        )
        if (row.parameter, row.section) != (parameter, section):
            wrong[str(changes)] = (row.parameter, row.section, row.detail)
    assert wrong == {}


def test_each_refusal_of_the_token_endpoint_too(wire, notes, db):
    row, secret = notes
    own = basic(row.client_id, secret)
    code = {"grant_type": "authorization_code", "code": "c" * 43, "redirect_uri": BACK}
    for form, headers, parameter, section in (
        (code, own, "code", "RFC 6749 §4.1.3"),
        (code, basic(row.client_id, "wrong"), "Authorization", "RFC 6749 §2.3.1"),
        (code, basic("nobody", "x"), "Authorization", "RFC 6749 §2.3.1"),
        (code | {"client_id": row.client_id}, {}, "client_id", "RFC 6749 §5.2"),
        ({"grant_type": "password"}, own, "grant_type", "RFC 6749 §5.2"),
        ({"scope": "x"}, own, "grant_type", "RFC 6749 §5.2"),
        (
            {"grant_type": "refresh_token", "refresh_token": "r" * 50},
            own,
            "refresh_token",
            "RFC 6749 §6",
        ),
    ):
        answer = wire.post("/token", data=form, headers=headers, base_url=ORIGIN)
        (one,) = [r for r in noted(db) if r.trace_id == answer.headers["X-Trace-Id"]]
        assert (one.parameter, one.section) == (parameter, section), (form, one.detail)
        assert one.status == answer.status_code


def test_the_page_says_what_to_change(wire, admin, good_ask, notes):
    """The two questions that are asked most: the redirect URI, and the secret."""
    answer = wire.get(
        "/authorize",
        query_string=good_ask | {"redirect_uri": "http://rp.example/callback?tenant=1"},
        base_url=ORIGIN,
    )
    said = told(admin, answer.headers["X-Trace-Id"])
    assert "It differs in the scheme." in said
    assert "https://rp.example/callback" in said
    assert "RFC 6749 §3.1.2.3" in said
    row, secret = notes
    answer = wire.post(
        "/token",
        data={"grant_type": "authorization_code", "client_secret": secret}
        | {"client_id": row.client_id},
        base_url=ORIGIN,
    )
    said = told(admin, answer.headers["X-Trace-Id"])
    assert (
        "registered for client_secret_basic, and came with client_secret_post" in said
    )


SECRETS = {
    "state": "state-that-nobody-may-see",
    "nonce": "nonce-that-nobody-may-see",
    "code": "code-that-nobody-may-see",
    "code_verifier": VERIFIER,
    "refresh_token": "refresh-that-nobody-may-see",
    "client_secret": "secret-that-nobody-may-see",
    "client_assertion": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    "id_token_hint": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ5In0.aGludA",
    "login_hint": "ada@example.test",
    "password": "pass word that nobody may see",
    "an_own_parameter": "own-that-nobody-may-see",
}


def test_nothing_that_opens_anything_is_kept_or_shown(wire, admin, good_ask, db):
    """Whatever an app mixes up: no secret is in the row, nor on the page."""
    opaque = "Q" * 43
    every = " ".join(SECRETS.values())
    for sent in (
        good_ask | SECRETS,
        good_ask | SECRETS | {"scope": every, "prompt": every},
        good_ask
        | SECRETS
        | {"redirect_uri": f"https://x:{opaque}@rp.example/?q={opaque}"},
        good_ask | SECRETS | {"redirect_uri": f"https://rp.example/{opaque}#{opaque}"},
        good_ask | SECRETS | {f"name-{opaque}": "1", "client_id": SECRETS["code"]},
        good_ask | {"prompt": f"{opaque} {SECRETS['client_assertion']}"},
    ):
        for path, method in (("/authorize", "GET"), ("/token", "POST")):
            where = "query_string" if method == "GET" else "data"
            answer = wire.open(path, method=method, base_url=ORIGIN, **{where: sent})
            row = noted(db)[-1]
            assert row.trace_id == answer.headers["X-Trace-Id"]
            kept = json.dumps(
                {n: str(v) for n, v in vars(row).items() if n != "asked"}
            ) + json.dumps(row.asked, ensure_ascii=False)
            admin.open(f"/console/flows/{row.trace_id}")
            for text in (kept, admin.answer.text):
                found = [s for s in (*SECRETS.values(), opaque) if s in text]
                assert found == [], (sent, text)


def test_a_cut_value_does_not_show_half_a_token(wire, good_ask, db):
    filler = "x " * 140
    sent = good_ask | {"prompt": filler + "Q" * 60}
    wire.get("/authorize", query_string=sent, base_url=ORIGIN)
    assert "QQQQ" not in json.dumps(noted(db)[-1].asked)
