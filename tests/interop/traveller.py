"""A person who signs in with what they are elsewhere: two sites, two jars of cookies."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import requests

from tests.support.browser import Browser, Departure, Page
from tests.support.enrolment import PASSWORD

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9"}
FRONT_END = "http://localhost:5173"


class Traveller:
    """Goes out to a provider and comes back, with one browser."""

    def __init__(self, home: str):
        self.home = home
        self.browser = Browser(home)
        self.calls = self.browser.session
        self.elsewhere = requests.Session()
        self.elsewhere.trust_env = False

    def close(self) -> None:
        self.calls.close()
        self.elsewhere.close()

    def leave_by(self, title: str, page: str = "/signin") -> str:
        """Open a page and follow the button of a service; give where it leads."""
        self.browser.open(page)
        links = self.browser.page.document.all("a")
        (link,) = [one for one in links if title in one.text]
        away = self.browser.open(link.get("href"))
        assert isinstance(away, Departure), away
        return away.url

    def visit(self, url: str) -> str:
        """Do what the provider asks; give the address by which it sends back."""
        for _ in range(10):
            answer = self.elsewhere.get(url, allow_redirects=False, timeout=30)
            assert answer.status_code in (302, 303), answer.text[:500]
            url = urljoin(url, answer.headers["Location"])
            if url.startswith(self.home):
                return url
        raise AssertionError("the provider never sends back")

    def come_back(self, url: str) -> Page | Departure:
        return self.browser.open(url, from_elsewhere=True)

    def sign_in_by(self, title: str, page: str = "/signin") -> Page | Departure:
        """All the way, by the pages."""
        return self.come_back(self.visit(self.leave_by(title, page)))

    # -- As a front end of /v1

    def ask(self, path: str, **headers: str) -> requests.Response:
        """Call /v1; JSON unless another Accept is given."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.calls.get(
            f"{self.home}/v1{path}",
            headers={"Accept": "application/json", **named},
            allow_redirects=False,
            timeout=30,
        )

    def begin(self, provider: str, query: str = "", **headers: str) -> str:
        """Begin as a call; give where the browser has to go."""
        answer = self.ask(f"/auth/oauth/{provider}{query}", **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["authorizationUrl"]

    def finish(self, url: str, **headers: str) -> requests.Response:
        """Come back as a call."""
        return self.ask(url.removeprefix(f"{self.home}/v1"), **headers)

    def tokens_by(self, provider: str) -> dict[str, Any]:
        """All the way, by calls."""
        answer = self.finish(self.visit(self.begin(provider)))
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


def enrol(world, somebody):
    """Give somebody an account with a password."""
    world.cli(
        *("user", "create", "--email", somebody.email, "--verified"),
        *("--password", PASSWORD),
    )


def sign_in(somebody):
    somebody.browser.open("/signin")
    somebody.browser.fill(username=somebody.email, password=PASSWORD)
    return somebody.browser.submit("login-submit")


def me(somebody, tokens):
    bearer = f"Bearer {tokens['accessToken']}"
    return somebody.ask("/users/me", Authorization=bearer).json()["data"]["user"]


def by_google(google, somebody, **more):
    claims = {"email": somebody.email, "email_verified": True, "name": "Ada"} | more
    google.next_is(f"g-{somebody.number}", **claims)


def by_hub(hub, somebody, *, is_verified=True):
    number, login = 1000 + somebody.number, f"ada-{somebody.number}"
    hub.next_is(number, login=login, emails=[(somebody.email, True, is_verified)])


def api_sign_in(somebody):
    told = somebody.calls.post(
        f"{somebody.home}/v1/auth/signin",
        json={"email": somebody.email, "password": PASSWORD},
        timeout=30,
    )
    return f"Bearer {told.json()['data']['accessToken']}"
