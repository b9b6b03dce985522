"""Read a form, or the filters of a URL, by a schema; what is wrong goes beside its field.

The schemas look at shape alone; the rules are in the core.
"""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load
from werkzeug.datastructures import MultiDict

from authserver.errors import AuthError
from authserver.http.pages import Form

SECRETS = frozenset({"password", "current_password", "code", "token", "credential"})
"""What is never put back into a page."""

Given = dict[str, Any]


class Trimmed(fields.String):
    """A text without the blanks around it: blanks alone are nothing."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, **kwargs).strip()


class PageForm(Schema):
    """A form of a page: hidden fields of ours are left aside, NUL is no text."""

    words: Mapping[str, str] = {}
    """What is said of a field, by its name."""

    class Meta:
        """Unknown fields are the page's own (csrf_token, interaction)."""

        unknown = EXCLUDE

    @pre_load
    def drop_nul(self, data: Given, **_: Any) -> Given:
        """Take away what no keyboard sends and no database stores."""
        return {name: _without_nul(value) for name, value in data.items()}


def read(
    schema: PageForm,
    words: Mapping[str, str],
    *,
    source: MultiDict[str, str] | None = None,
) -> tuple[Given | None, Form]:
    """Read what came.

    Args:
        schema: The shape of it.
        words: What is said of a wrong field whose schema says nothing itself.
        source: The posted form; or ``request.args``, for the filters of a list.

    Returns:
        The values, or None when some are wrong, and the form to show again.
    """
    given = request.form if source is None else source
    typed = {name: value for name, value in given.items() if name not in SECRETS}
    form = Form(values=typed)
    try:
        return schema.load(_told(schema, given)), form
    except ValidationError as fault:
        said = {**words, **schema.words}
        form.errors = {name: gettext(said[name]) for name in fault.messages_dict}
        return None, form


def show_again(form: Form, refusal: AuthError) -> Form:
    """Put a refusal beside its fields, or at the head of the form."""
    if refusal.fields:
        form.errors = {
            name: " ".join(gettext(one) for one in said)
            for name, said in refusal.fields.items()
        }
    else:
        form.error = gettext(refusal.public)
    return form


def _told(schema: Schema, given: MultiDict[str, str]) -> Given:
    """Give one value for each field, and all of them for a list."""
    return {
        name: given.getlist(name)
        if isinstance(schema.fields.get(name), fields.List)
        else value
        for name, value in given.items()
    }


def _without_nul(value: Any) -> Any:
    if isinstance(value, list):
        return [one.replace("\x00", "") for one in value]
    return value.replace("\x00", "")
