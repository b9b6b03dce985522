"""Which language a page or letter speaks, over Flask-Babel.

First ``ui_locales`` of this URL, then what the person picked in this browser, then
``ui_locales`` of the interaction, then Accept-Language (OIDC Core §3.1.2.1: unknown
ones are no fault).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_timedelta
from flask import Flask, Response, g, request
from flask_babel import (
    Babel,
    force_locale,
    get_locale,
    get_translations,
    gettext,
)
from jinja2 import pass_eval_context
from jinja2.filters import do_mark_safe
from jinja2.nodes import EvalContext

from authserver.core.device import here
from authserver.http import cookies
from authserver.http.context import settings

LANGUAGES = {
    "en": "English",
    "pt-BR": "Português (Brasil)",
    "zh-Hans-CN": "简体中文",
    "es": "Español",
    "ar": "العربية",
}
ALIASES = {"zh": "zh-Hans-CN", "zh-cn": "zh-Hans-CN", "pt": "pt-BR"}
_OURS = {tag.lower(): tag for tag in LANGUAGES} | ALIASES
RIGHT_TO_LEFT = frozenset({"ar"})
CATALOGS = Path(__file__).parents[1] / "locale"


def match(wanted: Iterable[str]) -> str | None:
    """Give the first language of ours among BCP 47 tags, by their first part too."""
    for tag in filter(None, wanted):
        lowered = tag.strip().replace("_", "-").lower()
        found = _OURS.get(lowered) or _OURS.get(lowered.split("-")[0])
        if found:
            return found
    return None


def chosen() -> str:
    """Give the language of this request."""
    found: str | None = g.get("language")
    if found is None:
        found = g.language = _choose()
    return found


def note() -> None:
    """Let the core write its letters in the language of this page (before_request)."""
    here.set(replace(here.get(), language=chosen()))


def prefer(tags: str | None) -> None:
    """Let an interaction's ``ui_locales`` decide, unless the person has picked one."""
    picked = "ui_locales" in request.args or _picked()
    if not picked and (found := match((tags or "").split())):
        g.language = found
        note()


def keep(response: Response) -> Response:
    """Remember what was picked on a page (after_request of the pages)."""
    picked = match(_asked())
    if picked and request.method == "GET":
        cookies.set_language(response, picked, settings())
    return response


def _choose() -> str:
    accepted = [tag for tag, _ in request.accept_languages]
    wishes = (_asked(), [_picked() or ""], accepted, [settings().default_language])
    return next((found for wish in wishes if (found := match(wish))), "en")


def _asked() -> list[str]:
    return request.args.get("ui_locales", "")[:200].split()


def _picked() -> str | None:
    return match([request.cookies.get(cookies.language_name(settings()), "")])


def direction(tag: str) -> str:
    """Give the direction of writing: ``ltr`` or ``rtl``."""
    return "rtl" if tag.split("-", maxsplit=1)[0] in RIGHT_TO_LEFT else "ltr"


def _locale(tag: str) -> Locale:
    try:
        return Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en")


def init_app(app: Flask) -> None:
    """Set Flask-Babel up."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGS)
    Babel(app, locale_selector=lambda: _locale(chosen()))
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalog().ugettext(text),
        lambda one, many, number: _catalog().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = _said


@pass_eval_context
def _said(place: EvalContext, text: str, /, **variables: Any) -> str:
    """Translate a sentence of a template, as Jinja's own ``_`` does in several calls."""
    said = _catalog().ugettext(text)
    if place.autoescape:
        said = do_mark_safe(said)  # a sentence of our own catalogues
    return said % variables if "%" in said else said


def _catalog() -> Any:
    """Give the sentences of the language spoken, looked up once for a page or letter.

    Flask-Babel looks at each sentence anew, a quarter of the time of a page.
    """
    found = g.get("catalog")
    if found is None:
        found = g.catalog = get_translations()
    return found


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Speak another language for a while: a letter's reader may not be at this page."""
    kept = g.pop("catalog", None)
    try:
        with force_locale(_locale(tag)):
            yield
    finally:
        g.pop("catalog", None)
        if kept is not None:
            g.catalog = kept


def translate(sentence: str) -> str:
    """Give a sentence of ours in the language of this request."""
    return gettext(sentence)


def duration(seconds: float) -> str:
    """Give a span of time in words: "5 minutes"."""
    return _duration(str(get_locale()), seconds)


@lru_cache(maxsize=4096)
def _duration(locale: str, seconds: float) -> str:
    span = timedelta(seconds=seconds)
    return str(format_timedelta(span, threshold=1.5, locale=locale))
