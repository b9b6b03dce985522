"""A person with an account: answers whatever page stands between them and the client."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.browser import Browser, Departure, Page


@dataclass(frozen=True)
class Walk:
    """Which pages were shown, and where the walk ended."""

    pages: tuple[str, ...]
    end: Page | Departure

    @property
    def departure(self) -> Departure:
        assert isinstance(self.end, Departure), (
            f"no way back to the client after {self.pages}: "
            f"{self.end.status} {self.end.words[:400]!r}"
        )
        return self.end

    @property
    def page(self) -> Page:
        assert isinstance(self.end, Page), f"left for {self.end}"
        return self.end


@dataclass(frozen=True)
class Person:
    """Who signs in, and what they decide."""

    username: str
    password: str
    email: str

    def walk(
        self, browser: Browser, start: Page | Departure, *, consents: bool = True
    ) -> Walk:
        """Go on page by page until the browser leaves or nothing is left to do."""
        pages: list[str] = []
        while isinstance(start, Page):
            kind = kind_of(start, browser)
            if kind is None or len(pages) > 6:
                break
            pages.append(kind)
            start = self._answer(kind, browser, consents=consents)
        return Walk(tuple(p for p in pages if p != "form_post"), start)

    def _answer(
        self, kind: str, browser: Browser, *, consents: bool
    ) -> Page | Departure:
        match kind:
            case "signin":
                browser.fill(username=self.username, password=self.password)
                return browser.submit("login-submit")
            case "consent":
                return browser.submit("consent-allow" if consents else "consent-deny")
            case "logout":
                return browser.submit("logout-confirm")
            case _:
                return browser.submit_form()


def kind_of(page: Page, browser: Browser) -> str | None:
    """What a page asks of the person, known by the ids that never change."""
    if page.has("error"):
        return None
    if page.has("username", "password", "login-submit"):
        return "signin"
    if page.has("consent-allow", "consent-deny"):
        return "consent"
    if page.has("logout-confirm"):
        return "logout"
    away = [f for f in page.document.forms if not _at_home(f.action, browser)]
    return "form_post" if len(away) == 1 and len(page.document.forms) == 1 else None


def _at_home(action: str, browser: Browser) -> bool:
    return "://" not in action or action.lower().startswith(browser.origin + "/")
