"""What is asked of the server, and what each request may cost.

A scenario is a script: it prepares one connection (its own signed-in browser, its
own chain of refresh tokens), rests, and then goes lap after lap.  The budgets are
CPU-milliseconds a lap of the server's and the database's processes together.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.browser import FORM, Browser, Dialogue, hidden_fields, is_elsewhere
from bench.messages import Request, Response, WrongAnswer
from bench.proofs import Prover

REST = None
SCOPE = "openid profile email offline_access"
MACHINE_SCOPE = "api"

Script = Generator[Request | None, Response, None]


@dataclass(frozen=True)
class World:
    """What a deployment holds that the scripts need; goes to the clients as JSON."""

    host: str
    port: int
    client_id: str
    client_secret: str
    redirect_uri: str
    people: list[str]
    password: str

    @property
    def issuer(self) -> str:
        """What its addresses begin with."""
        return f"http://{self.host}:{self.port}"

    @property
    def client(self) -> tuple[str, str]:
        """The Authorization header of the client (client_secret_basic)."""
        pair = f"{self.client_id}:{self.client_secret}".encode()
        return "Authorization", "Basic " + base64.b64encode(pair).decode()


@dataclass(frozen=True)
class Scenario:
    """One line of the report."""

    name: str
    script: Callable[[World, int], Script]
    budget: float | None = None
    goal: float | None = None
    signatures: int = 0


def authorize_path(world: World, verifier: str) -> str:
    """An authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return "/authorize?" + urlencode(
        {
            "response_type": "code",
            "client_id": world.client_id,
            "redirect_uri": world.redirect_uri,
            "scope": SCOPE,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
    )


def post_form(
    target: str, world: World, form: dict[str, str], prover: Prover | None = None
) -> Dialogue:
    """The client posts a form with its secret in the header, and proves its key."""
    proof = (prover.header("POST", target),) if prover else ()
    headers = (world.client, FORM, *proof)
    answer = yield Request("POST", target, headers, urlencode(form))
    return answer.expect(200)


def redeem(
    world: World, place: str, verifier: str, prover: Prover | None = None
) -> Dialogue:
    """Spend the code that came with the redirect."""
    query = parse_qs(urlsplit(place).query)
    if "code" not in query:
        raise WrongAnswer(f"no code in {place!r}")
    form = {
        "grant_type": "authorization_code",
        "code": query["code"][0],
        "redirect_uri": world.redirect_uri,
        "code_verifier": verifier,
    }
    return (yield from post_form("/token", world, form, prover))


def sign_in(
    world: World, number: int, prover: Prover | None = None
) -> Generator[Request, Response, tuple]:
    """A person signs in at the client and consents: their browser, their tokens."""
    browser, verifier = Browser(), secrets.token_urlsafe(32)
    answer = yield from browser.get(authorize_path(world, verifier))
    page, place = yield from browser.follow(answer)
    form = hidden_fields(page.expect(200)) | credentials(world, number)
    answer = yield from browser.post(place, form)
    page, place = yield from browser.follow(answer.expect(303))
    if not is_elsewhere(place):
        form = hidden_fields(page.expect(200))
        form |= {"decision": "allow", "scope": "offline_access"}
        answer = yield from browser.post(place, form)
        page, place = yield from browser.follow(answer.expect(303))
    tokens = yield from redeem(world, place, verifier, prover)
    return browser, tokens.json()


def credentials(world: World, number: int) -> dict[str, str]:
    """What the person of this connection types."""
    person = world.people[number % len(world.people)]
    return {"identifier": person, "password": world.password}


def discovery(world: World, number: int) -> Script:
    """The metadata document (OIDC Discovery §4)."""
    while True:
        yield REST
        answer = yield Request("GET", "/.well-known/openid-configuration")
        answer.expect(200)


def jwks(world: World, number: int) -> Script:
    """The public keys (RFC 7517 §5)."""
    while True:
        yield REST
        (yield Request("GET", "/jwks")).expect(200)


def client_credentials(world: World, number: int) -> Script:
    """A token for the client itself (RFC 6749 §4.4)."""
    form = {"grant_type": "client_credentials", "scope": MACHINE_SCOPE}
    while True:
        yield REST
        yield from post_form("/token", world, form)


def dpop_token(world: World, number: int) -> Script:
    """The same, bound to the key of a proof (RFC 9449 §5)."""
    form = {"grant_type": "client_credentials", "scope": MACHINE_SCOPE}
    prover = Prover(world.issuer)
    while True:
        yield REST
        answer = yield from post_form("/token", world, form, prover)
        if answer.json()["token_type"] != "DPoP":
            raise WrongAnswer("the token is not bound")


def introspection(world: World, number: int) -> Script:
    """Is this access token of a person active? (RFC 7662)"""
    _, tokens = yield from sign_in(world, number)
    while True:
        yield REST
        answer = yield from post_form(
            "/introspect", world, {"token": tokens["access_token"]}
        )
        if not answer.json()["active"]:
            raise WrongAnswer("a live token is said to be inactive")


def refresh(world: World, number: int) -> Script:
    """Rotation, lap by lap, of one chain of refresh tokens (RFC 6749 §6)."""
    _, tokens = yield from sign_in(world, number)
    while True:
        yield REST
        form = {
            "grant_type": "refresh_token",
            "refresh_token": tokens["refresh_token"],
        }
        tokens = (yield from post_form("/token", world, form)).json()


def code_flow(world: World, number: int) -> Script:
    """A signed-in person who has consented comes with a new request: two requests."""
    browser, _ = yield from sign_in(world, number)
    verifier = secrets.token_urlsafe(32)
    while True:
        yield REST
        answer = yield from browser.get(authorize_path(world, verifier))
        place = answer.expect(302, 303).headers("Location")[0]
        yield from redeem(world, place, verifier)


def par(world: World, number: int) -> Script:
    """A request sent ahead of its browser (RFC 9126)."""
    query = urlsplit(authorize_path(world, secrets.token_urlsafe(32))).query
    headers = (world.client, FORM)
    while True:
        yield REST
        (yield Request("POST", "/par", headers, query)).expect(201)


def pushed_code_flow(world: World, number: int) -> Script:
    """The same as ``code_flow`` by a pushed request: three requests."""
    browser, _ = yield from sign_in(world, number)
    verifier = secrets.token_urlsafe(32)
    query = urlsplit(authorize_path(world, verifier)).query
    while True:
        yield REST
        answer = yield Request("POST", "/par", (world.client, FORM), query)
        pushed = answer.expect(201).json()["request_uri"]
        carried = urlencode({"client_id": world.client_id, "request_uri": pushed})
        answer = yield from browser.get(f"/authorize?{carried}")
        place = answer.expect(302, 303).headers("Location")[0]
        yield from redeem(world, place, verifier)


def userinfo(world: World, number: int) -> Script:
    """The claims of the person behind an access token (OIDC Core §5.3)."""
    _, tokens = yield from sign_in(world, number)
    bearer = ("Authorization", f"Bearer {tokens['access_token']}")
    while True:
        yield REST
        (yield Request("GET", "/userinfo", (bearer,))).expect(200)


def dpop_userinfo(world: World, number: int) -> Script:
    """The same with a token that is bound to a key (RFC 9449 §7.1)."""
    prover = Prover(world.issuer)
    _, tokens = yield from sign_in(world, number, prover)
    token = tokens["access_token"]
    while True:
        yield REST
        proof = prover.header("GET", "/userinfo", token)
        headers = (("Authorization", f"DPoP {token}"), proof)
        (yield Request("GET", "/userinfo", headers)).expect(200)


def signin_page(world: World, number: int) -> Script:
    """The hosted page in the middle of an authorization request."""
    browser = Browser()
    start = yield from browser.get(authorize_path(world, secrets.token_urlsafe(32)))
    _, place = yield from browser.follow(start)
    while True:
        yield REST
        (yield from browser.get(place)).expect(200)


def users_me(world: World, number: int) -> Script:
    """One's own account at the JSON API."""
    asked = json.dumps(credentials(world, number))
    kind = ("Content-Type", "application/json")
    answer = yield Request("POST", "/v1/auth/signin", (kind,), asked)
    token = answer.expect(200).json()["data"]["accessToken"]
    bearer = ("Authorization", f"Bearer {token}")
    while True:
        yield REST
        (yield Request("GET", "/v1/users/me", (bearer,))).expect(200)


def password_signin(world: World, number: int) -> Script:
    """The form sent with the right password: one Argon2 run, one new session.

    In a browser that was here before: a strange one would cost a letter too.
    """
    browser = Browser()
    page = (yield from browser.get("/signin")).expect(200)
    form = hidden_fields(page) | credentials(world, number)
    while True:
        (yield from browser.post("/signin", form)).expect(303)
        browser.forget("session")
        yield REST


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("discovery", discovery, budget=0.05, goal=0.025),
        Scenario("jwks", jwks, budget=0.05, goal=0.025),
        Scenario("client_credentials", client_credentials, 0.60, 0.36, 1),
        Scenario("dpop_token", dpop_token, 0.85, 0.51, 1),
        Scenario("introspection", introspection, budget=0.45, goal=0.28),
        Scenario("userinfo", userinfo, budget=0.45, goal=0.24),
        Scenario("dpop_userinfo", dpop_userinfo, budget=0.70, goal=0.39),
        Scenario("users_me", users_me, budget=0.70, goal=0.35),
        Scenario("refresh", refresh, 1.6, 1.1, 2),
        Scenario("code_flow", code_flow, 3.0, 2.0, 2),
        Scenario("par", par, budget=0.9, goal=0.6),
        Scenario("pushed_code_flow", pushed_code_flow, 3.9, 2.6, 2),
        Scenario("signin_page", signin_page, budget=0.9, goal=0.5),
        Scenario("password_signin", password_signin, budget=19.0, goal=18.0),
    )
}
