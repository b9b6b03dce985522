"""What a token is for: audience, scopes, lifetime, algorithm (RFC 8707, RFC 9068 §3)."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from authserver.core.apps import App
from authserver.core.targets import Api, Catalogue, canonical
from authserver.errors import InvalidScope, InvalidTarget

US = "https://auth.example"
NOTES, FILES, OPEN = (
    "https://notes.example/api",
    "urn:example:files",
    "https://mcp.example",
)
LIFE = timedelta(minutes=15)


def api(identifier: str, *scopes: str, **facts: Any) -> Api:
    return Api(identifier, "An API", {}, {scope: {} for scope in scopes}, **facts)


APIS = [
    api(NOTES, "notes:read", "notes:write", life=timedelta(minutes=5)),
    api(FILES, "files:read", life=timedelta(hours=1)),
    api(OPEN, "mcp", is_open=True, alg="ES256"),
]
KNOWN = Catalogue(
    issuer=US,
    life=LIFE,
    alg="RS256",
    apis={one.identifier: one for one in APIS},
    by_canonical={canonical(one): one for one in (US, NOTES, FILES, OPEN)},
    owners={scope: one.identifier for one in APIS for scope in one.scopes},
)


@pytest.fixture
def app() -> App:
    return App(
        id=uuid.UUID(int=1),
        client_id="shop",
        name="Shop",
        profile="oidc",
        redirect_uris=(),
        post_logout_redirect_uris=(),
        grant_types=(),
        response_types=(),
        scope="openid email notes:read",
        token_endpoint_auth_method="client_secret_basic",
        jwks=None,
        skip_consent=False,
        extra={},
        secrets=(),
    )


@pytest.mark.parametrize(
    ("spelling", "same"),
    [
        ("https://mcp.example/", "https://mcp.example"),
        ("HTTPS://MCP.Example", "https://mcp.example"),
        ("https://mcp.example:443/a", "https://mcp.example/a"),
        ("https://mcp.example:8443/a/", "https://mcp.example:8443/a/"),
        ("https://mcp.example/A?b=C", "https://mcp.example/A?b=C"),
        ("urn:example:Files", "urn:example:Files"),
    ],
)
def test_spellings_of_one_uri_are_one(spelling: str, same: str) -> None:
    assert canonical(spelling) == canonical(same) == same


@pytest.mark.spec("RFC 8707 §2")
@pytest.mark.parametrize(
    "bad",
    [
        "",
        "notes",
        "/api",
        "//notes.example/api",
        "https://notes.example/api#here",
        "https://notes.example/<b>",
        "https://notes.example:port/",
        "https://[notes",
        "https://nötes.example",
        "https://" + "a" * 3000,
        "1https://notes.example",
    ],
)
def test_what_is_no_absolute_uri_is_no_resource(bad: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical(bad)
    if bad:
        with pytest.raises(InvalidTarget):
            KNOWN.parse(bad)


def test_resources_are_known_once_each_as_they_were_registered() -> None:
    assert KNOWN.parse(None) == KNOWN.parse("") == ()
    assert KNOWN.parse(f"{OPEN}/ {FILES} {OPEN}") == (OPEN, FILES)
    with pytest.raises(InvalidTarget):
        KNOWN.parse(f"{NOTES} https://other.example")
    with pytest.raises(InvalidTarget):
        KNOWN.parse(" ".join([NOTES] * 21))


@pytest.mark.parametrize(
    ("scopes", "audience"),
    [
        ("", (US,)),
        ("offline_access", (US,)),
        ("openid email", (US,)),
        ("notes:read", (NOTES,)),
        ("notes:read offline_access", (NOTES,)),
        ("openid notes:read", (US, NOTES)),
        ("of-nobody notes:read", (US, NOTES)),
    ],
)
@pytest.mark.spec("RFC 9068 §3")
def test_unsaid_the_scopes_say_for_whom(scopes: str, audience: tuple[str, ...]) -> None:
    assert KNOWN.target(scopes.split()).audience == audience


@pytest.mark.spec("RFC 9068 §3")
def test_unsaid_the_scopes_of_two_apis_are_refused() -> None:
    with pytest.raises(InvalidScope):
        KNOWN.target(["notes:read", "files:read"])


@pytest.mark.spec("RFC 9068 §5")
def test_a_token_holds_the_scopes_of_its_audience_alone() -> None:
    scopes = ["openid", "offline_access", "notes:read", "files:read"]
    both = KNOWN.target(scopes, authorized=[NOTES, FILES])
    assert (both.audience, both.scopes) == (
        (NOTES, FILES),
        ("notes:read", "files:read"),
    )
    assert both.aud == [NOTES, FILES]
    one = KNOWN.target(scopes, authorized=[NOTES, FILES], asked=[FILES])
    assert (one.aud, one.scopes) == (FILES, ("files:read",))
    ours = KNOWN.target(scopes, authorized=[NOTES, US], asked=[US])
    assert (ours.aud, ours.scopes) == (US, ("openid", "offline_access"))


def test_the_shortest_life_counts_and_the_own_one_before_the_servers() -> None:
    assert KNOWN.target(["files:read"]).life == timedelta(hours=1)
    assert KNOWN.target(["openid", "files:read"]).life == LIFE
    assert KNOWN.target([], authorized=[FILES, NOTES]).life == timedelta(minutes=5)


def test_what_is_signed_differently_does_not_stand_in_one_token() -> None:
    assert KNOWN.target(["mcp"]).alg == "ES256"
    with pytest.raises(InvalidTarget):
        KNOWN.target([], authorized=[NOTES, OPEN])
    assert KNOWN.target([], authorized=[NOTES, OPEN], asked=[OPEN]).alg == "ES256"


@pytest.mark.spec("RFC 8707 §2.2")
@pytest.mark.parametrize(
    ("authorized", "asked"),
    [([NOTES], [FILES]), ([NOTES], [NOTES, FILES]), ([], [FILES]), ([NOTES], [US])],
)
def test_a_token_reaches_no_further_than_the_authorization(
    authorized: list[str], asked: list[str]
) -> None:
    with pytest.raises(InvalidTarget):
        KNOWN.target(["openid", "notes:read"], authorized=authorized, asked=asked)


def test_what_is_deleted_is_no_audience() -> None:
    gone = "https://gone.example"
    assert KNOWN.target([], authorized=[gone, NOTES]).audience == (NOTES,)
    with pytest.raises(InvalidTarget):
        KNOWN.target([], authorized=[gone])


def test_an_app_names_what_its_registration_says(app: App) -> None:
    assert KNOWN.asked(f"{NOTES} {OPEN} {US}", app) == (NOTES, OPEN, US)
    with pytest.raises(InvalidTarget):
        KNOWN.asked(FILES, app)
    named = replace(app, extra={"resources": [FILES]})
    assert KNOWN.asked(FILES, named) == (FILES,)


def test_what_is_open_is_open_where_a_person_decides(app: App) -> None:
    with pytest.raises(InvalidTarget):
        KNOWN.asked(OPEN, app, alone=True)
    assert KNOWN.asked(NOTES, app, alone=True) == (NOTES,)
    assert KNOWN.narrow(["mcp", "notes:read", "files:read"], app) == (
        "mcp",
        "notes:read",
    )


@pytest.mark.spec("RFC 9068 §2.1")
def test_a_token_says_that_it_is_one_unless_its_api_insists() -> None:
    """Where it is for several, the one that knows least is heard."""
    mail = api("https://mail.example", "imap", typ="JWT")
    known = replace(
        KNOWN,
        apis={**KNOWN.apis, mail.identifier: mail},
        owners={**KNOWN.owners, "imap": mail.identifier},
    )
    assert known.target(["openid", "notes:read"]).typ == "at+jwt"
    assert known.target(["imap"]).typ == "JWT"
    assert known.target(["openid", "imap"]).typ == "JWT"
