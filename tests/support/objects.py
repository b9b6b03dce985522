"""Request objects in the tests: unsigned ones, and what stands beside one."""

from __future__ import annotations

import base64
import json
from typing import Any

from joserfc import jwe

from tests.support.browser import Browser
from tests.support.person import Person
from tests.support.relying_party import Ask, RelyingParty

CALLBACKS = ("https://rp.example/callback", "https://rp.example/inner")
EVIL = "https://evil.example/callback"


def unsigned(params: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, params))
    coded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join(coded) + "."


def encrypted(rp: RelyingParty, text: str, alg: str, enc: str) -> str:
    """As a client encrypts who has looked for the server's key for that."""
    (key,) = [one for one in rp.keys.keys if (one.get("use"), one.alg) == ("enc", alg)]
    header = {"alg": alg, "enc": enc, "kid": key.kid, "cty": "JWT"}
    return jwe.encrypt_compact(header, text, key, algorithms=[alg, enc])


def outside(rp: RelyingParty, ask: Ask, **more: str) -> dict[str, str]:
    """What OIDC Core §6 wants in the query beside an object."""
    kept = ("client_id", "response_type", "scope", "redirect_uri", "state")
    return {name: ask.params[name] for name in kept if name in ask.params} | more


def carrying(ask: Ask, carried: dict[str, str]) -> Ask:
    return Ask(ask.endpoint, ask.params, ask.verifier, carried)


def code_of(rp: RelyingParty, ask: Ask, browser: Browser, ada: Person) -> str:
    walk = ada.walk(browser, browser.open(ask.url))
    return rp.receive(ask, walk.departure)["code"]


def told(rp: RelyingParty, ask: Ask, browser: Browser, ada: Person, *errors: str):
    return rp.refused(ask, ada.walk(browser, browser.open(ask.url)).departure, *errors)
