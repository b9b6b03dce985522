"""Many clients at one moment: a start line, and the load of a busy hour."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty

PASSWORD = "Wren-harbour-41-lantern"


def race(racers: Sequence[Callable[[], Any]]) -> list[Any]:
    """Let all go at one moment; give what each brought back."""
    line = threading.Barrier(len(racers))
    brought: list[Any] = [None] * len(racers)

    def go(place: int) -> None:
        line.wait()
        brought[place] = racers[place]()

    threads = [threading.Thread(target=go, args=(n,)) for n in range(len(racers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return brought


def press(browser: Browser, button_id: str) -> Callable[[], requests.Response]:
    """What pressing this button sends, to be sent by whoever calls; no redirects."""
    assert browser.page is not None
    document = browser.page.document
    button = document.get(button_id)
    entries = document.form_of(button).entries(button)
    cookies = {cookie.name: cookie.value for cookie in browser.cookies}
    url = browser.page.url

    def send() -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(
                url,
                data=entries,
                headers={
                    "Cookie": "; ".join(f"{n}={v}" for n, v in cookies.items()),
                    "Origin": browser.origin,
                    "Sec-Fetch-Site": "same-origin",
                },
                allow_redirects=False,
                timeout=60,
            )

    return send


@dataclass
class Ledger:
    """What the server has acknowledged, and how often it did not answer."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    signed_up: list[str] = field(default_factory=list)
    access: list[str] = field(default_factory=list)
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return len(self.signed_up) + len(self.access)

    def note(self, kept: list[str], item: str) -> None:
        with self.lock:
            kept.append(item)

    def silence(self) -> None:
        with self.lock:
            self.unanswered += 1


def sign_up_people(url: str, ledger: Ledger, *, times: int) -> None:
    """New people, one after the other, each with an address of their own."""
    for _ in range(times):
        email = f"crowd-{secrets.token_hex(6)}@example.org"
        with Browser(url) as browser, suppress(requests.RequestException):
            browser.open("/signup")
            browser.fill(full_name="Crowd", email=email, password=PASSWORD)
            browser.submit("signup-submit")
        # The answer counts, also when the page behind it did not come any more.
        posted = [hop.status for hop in browser.trail if hop.method == "POST"]
        if posted == [303]:
            ledger.note(ledger.signed_up, email)
        elif posted:
            ledger.note(ledger.refused, f"sign-up: {posted}")
        else:
            ledger.silence()


def ask_for_tokens(
    machine: RelyingParty, ledger: Ledger, *, times: int, refresh_token: str
) -> str:
    """Tokens for a machine, and a family that is rotated; give its last token.

    An answer that never came is asked for again with the same refresh token: that is
    what the grace is for.
    """
    for number in range(times):
        try:
            answer = (
                machine.refresh(refresh_token)
                if number % 2
                else machine.post("token_endpoint", grant_type="client_credentials")
            )
        except requests.RequestException:
            ledger.silence()
            continue
        if answer.status_code != 200:
            ledger.note(ledger.refused, f"token: {answer.status_code} {answer.text}")
            continue
        told = answer.json()
        refresh_token = told.get("refresh_token", refresh_token)
        ledger.note(ledger.access, told["access_token"])
    return refresh_token
