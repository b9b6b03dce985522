"""Samples of the console's room of the brand."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.support.preview_kit import Sample, form

Words = Callable[..., str]
Shell = Callable[..., dict[str, Any]]
OWN = [("en", "English"), ("pt-BR", "Português (Brasil)"), ("ar", "العربية")]


def brand(_: Words, shell: Shell) -> Iterator[Sample]:
    """The form with its previews; and one that was refused."""
    light = {
        "scheme": _("Light"),
        "colour": "#ffe000",
        "drawn": "#6a5c00",
        "under": "#ffffff",
        "on": "#ffffff",
        "as_link": "6.1",
        "as_button": "6.7",
        "untouched": "1.3",
        "is_legible": True,
        "is_moved": True,
    }
    dark = light | {
        "scheme": _("Dark"),
        "drawn": "#d8c640",
        "under": "#1b1b19",
        "on": "#10131c",
        "is_moved": False,
    }
    frame = {"title": _("Sign in"), "scheme": "light", "url": "about:blank"}
    facts = {
        "form": form({"name": "Notes", "colour": "#ffe000"}),
        "usual": {"name": "authserver", "colour": "#2456c9", "support_email": ""},
        "languages_known": OWN,
        "logo": "/static/icon.svg",
        "legible": [light, dark],
        "previews": [frame, frame | {"scheme": "dark"}],
        "links": {"edit": "/e", "logo": "/l", "delete": "/d", "back": "/b"},
    }
    faulty = {"colour": "Write the colour as #2456c9.", "logo": "Choose a picture."}
    wrong = facts | {"form": form({"colour": "blue"}, faulty), "logo": ""}
    wrong["legible"] = [light | {"is_legible": False}]
    for name, shown in (("", facts), ("-wrong", wrong)):
        yield Sample(
            f"console-brand{name}",
            "console/brand.html",
            shell("brand", _("Brand"), **shown),
        )
