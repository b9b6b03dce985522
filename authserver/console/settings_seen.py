"""Settings in force, and where each comes from; of a secret, whether it is set."""

from typing import Any

from flask import Response, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.config import origins
from authserver.config.origins import Origin, SeenSetting
from authserver.console import doctor, lists, show
from authserver.console.room import Screen
from authserver.http import forms
from authserver.http.context import settings

FROM: dict[Origin, Any] = {
    Origin.ENVIRONMENT: lazy_gettext("Environment"),
    Origin.DOTENV: lazy_gettext("The file .env"),
    Origin.FILE: lazy_gettext("A file that a variable names"),
    Origin.DERIVED: lazy_gettext("Other settings"),
    Origin.DEFAULT: lazy_gettext("Default"),
}
"""Where a setting comes from, in words."""


class Filters(forms.PageForm):
    """What the list is narrowed to."""

    q = forms.Trimmed(load_default=None, validate=validate.Length(1, 100))
    origin = fields.String(
        load_default=None, validate=validate.OneOf([one.value for one in Origin])
    )

    words = {  # noqa: RUF012 -- read like a constant
        "q": "Use at most 100 characters.",
        "origin": "Choose one of the list.",
    }


def list_settings() -> Response:
    """List them under the headings of the documents."""
    wanted, form = lists.read_filters(Filters(), {})
    found = [one for one in origins.seen(settings()) if wanted and _fits(one, wanted)]
    return show.render(
        "settings",
        title=gettext("Settings"),
        status=200 if wanted is not None else 422,
        form=form,
        groups=_grouped(found),
        origins=[(one.value, words) for one, words in FROM.items()],
        is_narrowed=bool(form.values.keys() & Filters().fields.keys()),
        links=doctor.tabs() | {"self": url_for("console.list_settings")},
    )


def _fits(one: SeenSetting, wanted: forms.Given) -> bool:
    text = f"{one.name} {one.group} {one.doc}".lower()
    is_sought = not wanted["q"] or wanted["q"].lower() in text
    return is_sought and wanted["origin"] in (None, one.origin)


def _grouped(found: list[SeenSetting]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        groups.setdefault(one.group, []).append(_row(one))
    return list(groups.items())


def _row(one: SeenSetting) -> dict[str, Any]:
    return {
        "name": one.name,
        "doc": one.doc,
        "value": one.value,
        "is_set": one.is_set,
        "is_secret": one.is_secret,
        "origin": FROM[one.origin],
        "is_default": one.origin is Origin.DEFAULT,
    }


SCREENS = (
    Screen("/system/settings", list_settings, "settings:read", "GET /admin/settings"),
)
