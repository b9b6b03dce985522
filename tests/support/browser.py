"""A person without JavaScript: opens pages, fills forms by id, presses buttons.

The browser belongs to one origin, the server's.  It follows redirects step by
step and stops where it is sent to another origin: that is the relying party, and
what it would have received is a `Departure`.  Cookies follow the rules a current
browser keeps: `Secure` also over http on loopback, the `__Host-` prefix, and
`SameSite` by who started the navigation; `form-action` holds as it does in Chromium.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from http.cookiejar import Cookie
from typing import Self
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

import requests

from tests.support.browser_rules import CookieRules, form_may_lead_to
from tests.support.document import Document, Element

REDIRECTS = (301, 302, 303, 307, 308)
KEEPS_METHOD = (307, 308)


@dataclass(frozen=True)
class Hop:
    """One answer on the way, as it came over the wire."""

    method: str
    url: str
    status: int
    headers: requests.structures.CaseInsensitiveDict[str]


@dataclass(frozen=True)
class Departure:
    """The person leaves for another origin: what arrives there."""

    url: str
    method: str = "GET"
    form: tuple[tuple[str, str], ...] = ()
    page: Page | None = None

    @property
    def target(self) -> str:
        """Where to, without what the server added to it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @property
    def fragment(self) -> list[tuple[str, str]]:
        return parse_qsl(urldefrag(self.url).fragment, keep_blank_values=True)

    @property
    def params(self) -> dict[str, str]:
        """What the relying party is told; nothing may be said twice."""
        pairs = list(self.form) or self.query or self.fragment
        told = dict(pairs)
        assert len(told) == len(pairs), f"a parameter came twice: {pairs}"
        return told


@dataclass(frozen=True)
class Page:
    """A page of the server."""

    url: str
    status: int
    headers: requests.structures.CaseInsensitiveDict[str]
    html: str
    document: Document = field(repr=False)

    def has(self, *ids: str) -> bool:
        return all(self.document.find(id_) is not None for id_ in ids)

    def text(self, id_: str) -> str:
        return self.document.get(id_).text

    @property
    def words(self) -> str:
        return self.document.root.text


class Browser:
    """One browser with its own cookies, at home at the server's origin."""

    def __init__(self, home: str, *, languages: str = "en", verify: str | bool = True):
        self.home = home.rstrip("/")
        self.origin = _origin(home)
        self.rules = CookieRules(home)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = verify
        self.session.cookies = requests.cookies.RequestsCookieJar(policy=self.rules)
        self.session.headers["Accept-Language"] = languages
        self.session.headers["Accept"] = "text/html,application/xhtml+xml;q=0.9"
        self.page: Page | None = None
        self.trail: list[Hop] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    @property
    def cookies(self) -> list[Cookie]:
        return list(self.session.cookies)

    def open(self, url: str, *, from_elsewhere: bool = False) -> Page | Departure:
        """Follow a link; `from_elsewhere` when it stands on another site's page."""
        return self._go("GET", urljoin(self.home + "/", url), (), from_elsewhere)

    def post_from_elsewhere(self, url: str, form: dict[str, str]) -> Page | Departure:
        """A form on another site's page that is sent to the server."""
        return self._go("POST", url, tuple(form.items()), True)

    def post(self, url: str, form: Sequence[tuple[str, str]]) -> Page | Departure:
        """What a form of the open page would send, had somebody changed it."""
        return self._go("POST", url, tuple(form), False)

    def fill(self, **typed: str) -> Self:
        """Type into fields by their ids."""
        for id_, value in typed.items():
            field_ = self._document.get(id_)
            assert field_.tag in ("input", "textarea"), f"cannot type into {field_}"
            field_.attributes["value"] = value
        return self

    def tick(self, id_: str, on: bool = True) -> Self:
        box = self._document.get(id_)
        assert box.get("type") in ("checkbox", "radio"), f"cannot tick {box}"
        box.attributes.pop("checked", None)
        if on:
            box.attributes["checked"] = ""
        return self

    def submit(self, button_id: str) -> Page | Departure:
        """Press a button and follow where that leads."""
        return self._press(self._document.get(button_id))

    def submit_form(self, index: int = 0) -> Page | Departure:
        """Press the first button of a form, of whatever id: a form_post page."""
        form = self._document.forms[index]
        buttons = [
            c
            for c in form.controls
            if c.tag == "button" or c.get("type").lower() == "submit"
        ]
        assert buttons, "a person without JavaScript cannot go on: no button"
        return self._press(buttons[0])

    @property
    def _document(self) -> Document:
        assert self.page is not None, "no page is open"
        return self.page.document

    def _press(self, button: Element) -> Page | Departure:
        assert self.page is not None
        form = self._document.form_of(button)
        target = urljoin(self.page.url, button.get("formaction") or form.action)
        method = (button.get("formmethod") or form.method).upper()
        sent = tuple(form.entries(button))
        if method == "GET":
            target = f"{urldefrag(target).url.split('?')[0]}?{urlencode(sent)}"
            sent = ()
        return self._go(method, target, sent, False)

    def _go(
        self,
        method: str,
        url: str,
        form: tuple[tuple[str, str], ...],
        foreign_start: bool,
    ) -> Page | Departure:
        policy = (
            self._policy_of_form() if method == "POST" and not foreign_start else ""
        )
        page = self.page.url if self.page else self.home
        for _ in range(20):
            assert form_may_lead_to(url, policy=policy, page=page), (
                f"the page forbids its form to lead to {url}: {policy}"
            )
            if _origin(url) != self.origin:
                return Departure(url, method=method, form=form, page=self.page)
            answer = self._send(method, url, form=form, foreign_start=foreign_start)
            if answer.status_code not in REDIRECTS:
                return self._show(answer)
            url = urljoin(url, answer.headers["Location"])
            if answer.status_code not in KEEPS_METHOD:
                method, form = "GET", ()
        raise AssertionError(f"redirects without end: {[h.url for h in self.trail]}")

    def _policy_of_form(self) -> str:
        headers = self.page.headers if self.page is not None else {}
        return headers.get("Content-Security-Policy", "")

    def _send(
        self,
        method: str,
        url: str,
        *,
        form: tuple[tuple[str, str], ...],
        foreign_start: bool,
    ) -> requests.Response:
        self.rules.foreign_start, self.rules.method = foreign_start, method
        headers = {
            "Sec-Fetch-Site": "cross-site" if foreign_start else "same-origin",
            "Sec-Fetch-Mode": "navigate",
        }
        if method == "POST":
            headers["Origin"] = self._named_origin(foreign_start)
        answer = self.session.request(
            method,
            url,
            data=list(form) if method == "POST" else None,
            headers=headers,
            allow_redirects=False,
            timeout=30,
        )
        self.trail.append(Hop(method, url, answer.status_code, answer.headers))
        return answer

    def _named_origin(self, foreign_start: bool) -> str:
        """Fetch §3.2: a page that asks for no referrer has no origin to name either."""
        if foreign_start:
            return "https://elsewhere.example"
        policy = self.page.headers.get("Referrer-Policy", "") if self.page else ""
        return "null" if policy == "no-referrer" else self.origin

    def _show(self, answer: requests.Response) -> Page:
        kind = answer.headers.get("Content-Type", "")
        assert kind.startswith("text/html"), f"{answer.url} is no page but {kind!r}"
        assert kind.lower().replace(" ", "").endswith("charset=utf-8"), kind
        html = answer.content.decode("utf-8")
        self.page = Page(
            answer.url, answer.status_code, answer.headers, html, Document(html)
        )
        return self.page


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
