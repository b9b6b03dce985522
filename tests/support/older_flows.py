"""The implicit and hybrid flows of OpenID Connect, as a relying party walks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support import answer_rules, reception
from tests.support.browser import Browser
from tests.support.person import Person, Walk
from tests.support.relying_party import Ask, RelyingParty

IMPLICIT = ("id_token", "id_token token")
HYBRID = ("code id_token", "code token", "code id_token token")


@dataclass(frozen=True)
class Arrived:
    """The end of one walk: what came by the browser, and what the code gave."""

    ask: Ask
    walk: Walk
    reply: dict[str, str]
    claims: dict[str, Any]
    tokens: dict[str, Any] = field(default_factory=dict)

    @property
    def pages(self) -> tuple[str, ...]:
        return self.walk.pages

    @property
    def access_token(self) -> str | None:
        """The one that came first."""
        return self.reply.get("access_token") or self.tokens.get("access_token")


@dataclass(frozen=True)
class OlderFlow:
    """One client, one response type, one way back."""

    rp: RelyingParty
    response_type: str
    mode: str | None = None

    @property
    def has_code(self) -> bool:
        return "code" in self.response_type.split()

    def ask(self, **changes: str | None) -> Ask:
        wish = {"response_type": self.response_type, "response_mode": self.mode}
        return self.rp.ask(**(wish | changes))

    def sign_in(
        self, browser: Browser, person: Person, **changes: str | None
    ) -> Arrived:
        ask = self.ask(**changes)
        return self.finish(ask, person.walk(browser, browser.open(ask.url)))

    def finish(
        self, ask: Ask, walk: Walk, *, told: frozenset[str] = frozenset()
    ) -> Arrived:
        """Check all that came, spend the code, and hold the two answers together.

        `told` are personal claims that an ID token may hold because they were asked for.
        """
        reply = self.rp.receive(ask, walk.departure)
        assert "error" not in reply, reply
        front: dict[str, Any] = {}
        if "id_token" in reply:
            front = reception.front_claims(self.rp, ask, reply, asked=told)
        if "access_token" in reply:
            assert reply["token_type"].lower() == "bearer"
            assert int(reply["expires_in"]) > 0
            assert answer_rules.measured_bits(reply["access_token"]) >= 128
        tokens: dict[str, Any] = {}
        if "code" in reply:
            tokens = answer_rules.token_answer(self.rp.redeem(ask, reply["code"]))
            back = self.rp.check_id_token(ask, tokens)
            for name in ("iss", "sub") if front else ():
                assert back[name] == front[name], "OIDC Core §3.3.3.6"
            front = front or back
        return Arrived(ask, walk, reply, front, tokens)
