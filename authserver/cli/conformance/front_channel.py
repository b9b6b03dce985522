"""The authorization endpoint, as a browser that nobody is signed in with meets it."""

import secrets

from authserver.adapters.exchange import Answer
from authserver.cli.conformance.lines import (
    FAPI2,
    MCP,
    OAUTH21,
    OIDC,
    Broken,
    Sheet,
    demand,
)
from authserver.cli.conformance.probe import REDIRECT_URI, Probe, answered

LINES = Sheet()
LONG_STATE = 1000


def refused(answer: Answer, *words: str) -> dict[str, str]:
    """Read a refusal that went to the redirect URI."""
    where = answer.headers.get("location", "")
    if not where.startswith(REDIRECT_URI):
        raise Broken(f"answered {answer.status} instead of a redirect to the client")
    said = answered(answer)
    demand(said.get("error") in words, f"error is {said.get('error')}")
    return said


def on_a_page(answer: Answer) -> None:
    """A refusal that may be told to the person alone."""
    demand("location" not in answer.headers, "the browser is sent on")
    demand(answer.status in range(400, 500), f"answered {answer.status}")
    kind = answer.headers.get("content-type", "")
    demand(kind.startswith("text/html"), f"answered {kind}")


@LINES.line(
    "A1", "RFC 6749 §4.1.2.4", "An unknown client gets a page", OIDC, OAUTH21, FAPI2
)
def unknown_client(probe: Probe) -> None:
    """Else anybody could send people anywhere."""
    on_a_page(probe.authorize(client_id=f"nobody-{secrets.token_hex(4)}"))


@LINES.line(
    "A2", "RFC 9700 §2.1", "An unregistered address gets nothing", OIDC, OAUTH21
)
def unknown_address(probe: Probe) -> None:
    """Compared as it is written: neither a path nor a query more."""
    for more in ("/more", "?more=1", "#more"):
        on_a_page(probe.authorize(redirect_uri=f"{REDIRECT_URI}{more}"))


@LINES.line(
    "A3", "OIDC Core §3.1.2.6; RFC 9207 §2", "Refusals keep state, name us", OIDC
)
def silent(probe: Probe) -> None:
    """prompt=none shows no page; what came as state goes back as it came."""
    state = secrets.token_urlsafe(LONG_STATE)[:LONG_STATE]
    said = refused(
        probe.authorize(prompt="none", state=state),
        "login_required",
        "interaction_required",
    )
    demand(said.get("state") == state, "state came back changed")
    demand(said.get("iss") == probe.issuer, "iss is missing")


@LINES.line(
    "A4", "RFC 9700 §2.1.2; OAuth 2.1 §10.1", "No token in a URL", OAUTH21, FAPI2
)
def no_implicit(probe: Probe) -> None:
    """A public client is not given tokens by redirect."""
    answer = probe.authorize(response_type="token")
    where = answer.headers.get("location", "")
    demand("access_token" not in where, "a token was given")
    demand("unsupported_response_type" in where or "unauthorized" in where, where[:60])


@LINES.line("A5", "RFC 7636 §4.4.1", "A public client needs a challenge", OAUTH21, MCP)
def needs_challenge(probe: Probe) -> None:
    """And one by S256: plain is none."""
    refused(probe.authorize(code_challenge=""), "invalid_request")
    refused(probe.authorize(code_challenge_method="plain"), "invalid_request")


@LINES.line("A6", "RFC 6749 §3.1", "A doubled parameter is refused", OAUTH21)
def doubled(probe: Probe) -> None:
    """Which of two would count is anybody's guess."""
    first = probe.endpoint("authorization")
    answer = probe.get(
        f"{first}?client_id={probe.public.client_id}&client_id=another"
        f"&response_type=code&redirect_uri={REDIRECT_URI}"
    )
    on_a_page(answer)


@LINES.line("A7", "FAPI 2.0 §5.3.2.2 (3)", "A FAPI client must push", FAPI2)
def must_push(probe: Probe) -> None:
    """Its request on the open road is refused."""
    answer = probe.authorize(client_id=probe.strong.client_id)
    if "location" in answer.headers:
        refused(answer, "invalid_request")
    else:
        on_a_page(answer)


@LINES.line(
    "A8", "RFC 9700 §4.16, §4.2.4", "The sign-in page keeps to itself", OAUTH21, FAPI2
)
def page(probe: Probe) -> None:
    """Not in a frame, no address told on, nothing kept, no other origin's scripts."""
    answer = probe.authorize()
    demand(answer.status == 303, f"answered {answer.status}, not 303")
    found = probe.get(_absolute(probe, answer.headers["location"]))
    policy = found.headers.get("content-security-policy", "")
    demand("frame-ancestors 'none'" in policy, "it can be framed")
    demand("unsafe-inline" not in policy, "its policy lets any script run")
    told = found.headers.get("referrer-policy")
    demand(told == "no-referrer", f"Referrer-Policy is {told}")
    demand("no-store" in found.headers.get("cache-control", ""), "it may be kept")
    demand("access-control-allow-origin" not in answer.headers, "CORS is allowed")


def _absolute(probe: Probe, where: str) -> str:
    return where if "://" in where else f"{probe.issuer}{where}"
