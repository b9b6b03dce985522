"""The relying party that people copy believes nothing that it should not.

Its provider lies in one thing at a time (OpenID Connect Core §3.1.3.7, RFC 9207).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.journeys.liar import CLIENT_ID, lying_provider

EXAMPLE = Path(__file__).parents[2] / "examples" / "relying_party"


@pytest.fixture
def example(monkeypatch):
    """The example is a script: its folder is where it imports from."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    for name in ("app", "provider"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import app

    yield app
    for name in ("app", "provider"):
        sys.modules.pop(name, None)


@pytest.fixture
def liar():
    with lying_provider() as liar:
        yield liar


@pytest.fixture
def site(example, liar):
    environ = {
        "OIDC_ISSUER": liar.issuer,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": "a secret+with/signs",
        "SITE_URL": "http://site.example",
    }
    return example.create_app(environ).test_client()


def go(site, path, method="GET", **more):
    return site.open(path, base_url="http://site.example", method=method, **more)


def begin(site, liar):
    """Press "sign in", and give what the provider is asked."""
    asked = parse_qs(urlsplit(go(site, "/sign-in").location).query)
    liar.nonce = asked["nonce"][0]
    return {name: values[0] for name, values in asked.items()}


def come_back(site, liar, **changes):
    asked = begin(site, liar)
    answer = {"code": "c", "state": asked["state"], "iss": liar.issuer} | changes
    kept = {name: value for name, value in answer.items() if value is not None}
    return go(site, "/callback", query_string=kept)


def test_the_truth_is_believed(site, liar):
    assert come_back(site, liar).status_code == 303
    page = go(site, "/").text
    assert 'id="claims"' in page
    assert "Ada" in page


def test_what_it_asks(site, liar):
    asked = begin(site, liar)
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://site.example/callback"
    again = begin(site, liar)
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43
        assert asked[name] != again[name]


LIES = {
    "not signed": {"signature": "none"},
    "signed with the public key as a secret": {"signature": "public key as a secret"},
    "signed by another": {"signature": "somebody else's"},
    "from another issuer": {"claims": {"iss": "https://evil.example"}},
    "for another client": {"claims": {"aud": "another"}},
    "for another party": {"claims": {"azp": "another"}},
    "too old": {"claims": {"exp": int(time.time()) - 600}},
    "without an end": {"claims": {"exp": None}},
    "about nobody": {"claims": {"sub": None}},
    "of another sign-in": {"claims": {"nonce": "another"}},
    "of no sign-in": {"claims": {"nonce": None}},
    "missing": {"tokens": {"id_token": ""}},
    "rubbish": {"tokens": {"id_token": "a.b.c"}},
    "no token at all": {"status": 400},
    "userinfo about another": {"info": {"sub": "eve"}},
    "metadata of another": {"metadata": {"issuer": "https://evil.example"}},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_lie_signs_nobody_in(site, liar, lie):
    if "metadata" in lie:
        liar.lies = lie
        assert go(site, "/sign-in").status_code == 502
        return
    begin(site, liar)  # so that the truth has been told once
    liar.lies = lie
    assert come_back(site, liar).status_code == 502
    assert 'id="claims"' not in go(site, "/").text


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "unknown"},
        {"state": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"error": "server_error"},
    ],
    ids=str,
)
def test_an_answer_that_is_not_ours_asks_for_no_token(site, liar, changes):
    assert come_back(site, liar, **changes).status_code == 400
    assert not [path for path, _ in liar.asked if path == "/token"]


def test_a_person_may_say_no(site, liar):
    answer = come_back(site, liar, code=None, error="access_denied")
    assert (answer.status_code, "You said no" in answer.text) == (200, True)
    assert not [path for path, _ in liar.asked if path == "/token"]
    assert 'id="claims"' not in go(site, "/").text


def test_a_state_is_good_once(site, liar):
    asked = begin(site, liar)
    answer = {"code": "c", "state": asked["state"], "iss": liar.issuer}
    liar.lies = {"status": 400}
    assert go(site, "/callback", query_string=answer).status_code == 502
    liar.lies = {}
    assert go(site, "/callback", query_string=answer).status_code == 400


def test_another_browser_cannot_bring_the_answer(site, liar, example):
    asked = begin(site, liar)
    answer = {"code": "c", "state": asked["state"], "iss": liar.issuer}
    other = site.application.test_client()
    assert go(other, "/callback", query_string=answer).status_code == 400


def test_signing_in_changes_the_name_of_the_visit(site, liar):
    begin(site, liar)
    before = site.get_cookie("demo_visit", domain="site.example").value
    come_back(site, liar)
    after = site.get_cookie("demo_visit", domain="site.example")
    assert after.value != before
    assert after.http_only
    assert after.same_site == "Lax"


def test_a_refresh_about_somebody_else_ends_the_visit(site, liar):
    come_back(site, liar)
    liar.lies = {"claims": {"sub": "eve"}, "info": {"sub": "eve"}}
    assert go(site, "/refresh", "POST").status_code == 502
    assert 'id="claims"' not in go(site, "/").text


def test_a_refresh_shows_new_claims(site, liar):
    come_back(site, liar)
    liar.lies = {"info": {"name": "Ada King"}, "tokens": {"refresh_token": "rt2"}}
    assert go(site, "/refresh", "POST").status_code == 303
    assert "Ada King" in go(site, "/").text
    go(site, "/refresh", "POST")
    spent = [
        form["refresh_token"] for path, form in liar.asked if "refresh" in str(form)
    ]
    assert [token[-1] for token in spent] == ["rt", "rt2"]


def test_signing_out_goes_by_the_provider(site, liar):
    come_back(site, liar)
    there = urlsplit(go(site, "/sign-out", "POST").location)
    asked = parse_qs(there.query)
    assert f"{there.scheme}://{there.netloc}" == liar.issuer
    assert asked["post_logout_redirect_uri"] == ["http://site.example/signed-out"]
    assert asked["id_token_hint"]
    assert 'id="claims"' not in go(site, "/").text
    assert go(site, "/sign-out", "GET").status_code == 405


def test_another_host_name_is_sent_to_the_registered_one(site):
    answer = site.get("/sign-in", base_url="http://elsewhere.example")
    assert answer.location == "http://site.example/sign-in"
