"""Letters as their readers see them: subject, text and HTML, in their language and time.

What each says is in ``templates/mail``; when it is sent and to whom, in ``core/letters``.
"""

from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from flask import Flask
from flask_babel import get_locale

from authserver.core.brands import Brand
from authserver.core.letters import Rendered
from authserver.http import language, words


def render(app: Flask, letter: str, tag: str, facts: dict[str, Any]) -> Rendered:
    """Give subject, text and HTML of a letter.

    Args:
        app: Whose settings, brand and templates.
        letter: Which, as its templates are called.
        tag: The reader's language (BCP 47).
        facts: What it tells.  Moments are aware datetimes; ``zone`` is the reader's.
    """
    services = app.extensions["services"]
    brand, issuer = services.brands.current(), services.settings.issuer
    spoken = language.match([tag]) or "en"
    with language.speaking(spoken):
        facts = {
            "brand": {
                "name": brand.name,
                "colour": brand.colour,
                "logo_url": _logo(brand, issuer),
                "support_email": brand.support_email,
            },
            "site": urlsplit(issuer).netloc,
            "lang": str(get_locale()).replace("_", "-"),
            "dir": language.direction(spoken),
            **facts,
            **moments(facts),
        }
        text = app.jinja_env.get_template(f"mail/{letter}.txt").make_module(facts)
        html = app.jinja_env.get_template(f"mail/{letter}.html").render(facts)
        return str(text.subject), str(text).lstrip(), html  # type: ignore[attr-defined]


def moments(facts: dict[str, Any], locale: Locale | None = None) -> dict[str, str]:
    """Give the moments among the facts, by the reader's clock.

    Args:
        facts: Of a letter: ``when`` it was caused, and perhaps ``gone_at``.
        locale: The reader's; that which is spoken now unless another is meant.
    """
    zone = facts.get("zone")
    told = {"when": words.in_full(facts["when"], zone, locale)}
    if "gone_at" in facts:
        told["gone_at"] = words.day_in_full(facts["gone_at"], zone, locale)
    return told


def _logo(brand: Brand, issuer: str) -> str:
    """Give the whole address: a letter is read elsewhere."""
    return f"{issuer}/logos/{brand.logo}.png" if brand.logo else brand.logo_url
