"""A person's browser, as far as the bench needs one: cookies, redirects, forms."""

import html
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from bench.messages import Request, Response

FORM = ("Content-Type", "application/x-www-form-urlencoded")
ELSEWHERE = "client.example"
HIDDEN_FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')

Dialogue = Generator[Request, Response, Response]


@dataclass
class Browser:
    """One person's browser: it keeps cookies and follows redirects within the server."""

    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, target: str) -> Dialogue:
        """Open an address; what comes back may be a redirect."""
        return self._remember((yield Request("GET", target, self._headers())))

    def post(self, target: str, form: dict[str, str]) -> Dialogue:
        """Send a form."""
        headers = (*self._headers(), FORM)
        return self._remember((yield Request("POST", target, headers, urlencode(form))))

    def follow(self, answer: Response) -> Generator[Request, Response, tuple]:
        """Go on to where redirects end: a page of ours, or another host."""
        place = ""
        while answer.status in (302, 303):
            place = answer.headers("Location")[0]
            if is_elsewhere(place):
                break
            place = path_of(place)
            answer = yield from self.get(place)
        return answer, place

    def forget(self, word: str) -> None:
        """Drop the cookies whose name holds a word."""
        self.cookies = {k: v for k, v in self.cookies.items() if word not in k}

    def _headers(self) -> tuple[tuple[str, str], ...]:
        if not self.cookies:
            return ()
        pairs = (f"{name}={value}" for name, value in self.cookies.items())
        return (("Cookie", "; ".join(pairs)),)

    def _remember(self, answer: Response) -> Response:
        for cookie in answer.headers("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


def path_of(place: str) -> str:
    """The part of an address that goes into the request line."""
    parts = urlsplit(place)
    return parts.path + ("?" + parts.query if parts.query else "")


def is_elsewhere(place: str) -> bool:
    """Does this address lead to the client, who has no server in the bench?"""
    return urlsplit(place).hostname == ELSEWHERE


def hidden_fields(page: Response) -> dict[str, str]:
    """The hidden fields of a page's form, such as its csrf_token."""
    fields = {}
    for tag in HIDDEN_FIELD.findall(page.body.decode()):
        attributes = dict(ATTRIBUTE.findall(tag))
        fields[attributes["name"]] = html.unescape(attributes.get("value", ""))
    return fields
