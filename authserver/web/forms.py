"""Each form as a schema; what is wrong goes back beside its field.

The schemas look at shape alone; the rules are in the core.
"""

from typing import Any

from flask import request
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from authserver.errors import AuthError, InvalidInput
from authserver.http.pages import Form

SECRETS = frozenset({"password", "code", "token"})
"""What is never put back into a page."""

Given = dict[str, Any]


class PageForm(Schema):
    """A form of a page: hidden fields of ours are left aside, NUL is no text."""

    class Meta:
        """Unknown fields are the page's own (csrf_token, interaction)."""

        unknown = EXCLUDE

    @pre_load
    def drop_nul(self, data: Given, **_: Any) -> Given:
        """Take away what no keyboard sends and no database stores."""
        return {name: value.replace("\x00", "") for name, value in data.items()}


class SignupForm(PageForm):
    """POST /signup."""

    full_name = fields.String(load_default="")
    email = fields.String(required=True, validate=validate.Length(1, 320))
    password = fields.String(required=True, validate=validate.Length(1, 1024))


class SigninForm(PageForm):
    """POST /signin."""

    identifier = fields.String(required=True, validate=validate.Length(1, 320))
    password = fields.String(required=True, validate=validate.Length(1, 1024))
    remember = fields.Boolean(load_default=False)


class PasswordForm(PageForm):
    """POST /setup."""

    password = fields.String(required=True, validate=validate.Length(1, 1024))


class CodeForm(PageForm):
    """POST /verify."""

    code = fields.String(required=True, validate=validate.Length(1, 64))


WORDS = {
    "full_name": "Enter your name.",
    "email": "Enter your email address.",
    "password": "Enter your password.",
    "identifier": "Enter your email address or username.",
    "code": "Enter the code from the email.",
}


def read(schema: PageForm) -> tuple[Given | None, Form]:
    """Read the posted form.

    Returns:
        The values, or None when some are wrong, and the form to show again.
    """
    typed = {name: value for name, value in request.form.items() if name not in SECRETS}
    form = Form(values=typed)
    try:
        return schema.load(request.form.to_dict()), form
    except ValidationError as fault:
        form.errors = {name: gettext(WORDS[name]) for name in fault.messages_dict}
        return None, form


def show_again(form: Form, refusal: AuthError) -> Form:
    """Put a refusal beside its fields, or at the head of the form."""
    if isinstance(refusal, InvalidInput):
        form.errors = {
            name: " ".join(gettext(one) for one in said)
            for name, said in refusal.fields.items()
        }
    else:
        form.error = gettext(refusal.public)
    return form
