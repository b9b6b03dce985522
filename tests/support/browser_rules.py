"""What a current browser keeps to: which cookies it sends, and where a form may lead."""

from __future__ import annotations

from http.cookiejar import Cookie, DefaultCookiePolicy
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class CookieRules(DefaultCookiePolicy):
    """What a current browser does beside RFC 2965: SameSite, prefixes, loopback."""

    def __init__(self, home: str) -> None:
        # browsers count loopback among the trustworthy origins, TLS or not
        trusted = ("https", "http") if urlsplit(home).hostname in LOOPBACK else None
        super().__init__(secure_protocols=trusted or ("https",))
        self.foreign_start = False
        self.method = "GET"
        self.refused: list[Cookie] = []

    def set_ok(self, cookie: Cookie, request: object) -> bool:
        kept = super().set_ok(cookie, request) and self._prefix_holds(cookie)
        if not kept:
            self.refused.append(cookie)
        return kept

    def return_ok(self, cookie: Cookie, request: object) -> bool:
        return super().return_ok(cookie, request) and self._same_site_allows(cookie)

    def _prefix_holds(self, cookie: Cookie) -> bool:
        if cookie.name.startswith("__Host-"):
            return cookie.secure and cookie.path == "/" and not cookie.domain_specified
        return cookie.secure or not cookie.name.startswith("__Secure-")

    def _same_site_allows(self, cookie: Cookie) -> bool:
        if not self.foreign_start:
            return True
        same_site = (attribute_of(cookie, "SameSite") or "Lax").lower()
        if same_site == "none":
            return cookie.secure
        return same_site == "lax" and self.method in ("GET", "HEAD")


def attribute_of(cookie: Cookie, name: str) -> str | None:
    """An attribute RFC 2965 does not know, in whatever case; empty if it has no value."""
    for known, value in vars(cookie)["_rest"].items():
        if known.lower() == name.lower():
            return value or ""
    return None


def form_may_lead_to(url: str, *, policy: str, page: str) -> bool:
    """CSP 3 §6.4.1: `form-action` of the page also holds the redirects that follow."""
    directives = (part.split() for part in policy.split(";") if part.strip())
    sources = next((d[1:] for d in directives if d[0] == "form-action"), None)
    return sources is None or any(_covers(s, url, page) for s in sources)


def _covers(source: str, url: str, page: str) -> bool:
    target = urlsplit(url)
    if source == "'self'":
        home = urlsplit(page)
        return (target.scheme, target.netloc) == (home.scheme, home.netloc)
    if source == "*":
        return target.scheme in ("http", "https")
    if source.endswith(":"):
        return f"{target.scheme}:" == source.lower()
    allowed = urlsplit(source)
    return (target.scheme, target.netloc) == (allowed.scheme, allowed.netloc)
