"""Each form as a schema; what is wrong goes back beside its field.

The schemas look at shape alone; the rules are in the core.
"""

from marshmallow import fields, validate

from authserver.http import forms
from authserver.http.forms import Given, PageForm, show_again
from authserver.http.pages import Form

__all__ = ["Given", "PageForm", "read", "show_again"]

NO_CODE = "Enter the code."


class SignupForm(PageForm):
    """POST /signup."""

    full_name = fields.String(load_default="")
    email = fields.String(required=True, validate=validate.Length(1, 320))
    password = fields.String(required=True, validate=validate.Length(1, 1024))


class MailSignupForm(PageForm):
    """POST /signup/mail."""

    full_name = fields.String(load_default="")
    email = fields.String(required=True, validate=validate.Length(1, 320))


class SigninForm(PageForm):
    """POST /signin."""

    identifier = fields.String(required=True, validate=validate.Length(1, 320))
    password = fields.String(required=True, validate=validate.Length(1, 1024))
    remember = fields.Boolean(load_default=False)


class AddressForm(PageForm):
    """POST /forgot, /magic-link, /account/profile/email."""

    email = fields.String(required=True, validate=validate.Length(1, 320))


class PasswordForm(PageForm):
    """POST /setup, /reset."""

    password = fields.String(required=True, validate=validate.Length(1, 1024))


class CodeForm(PageForm):
    """POST /verify, /magic-link/sent, /account/email."""

    code = fields.String(required=True, validate=validate.Length(1, 64))


class UserCodeForm(PageForm):
    """POST /device."""

    user_code = fields.String(required=True, validate=validate.Length(1, 64))


class AppCodeForm(CodeForm):
    """POST /account/security/totp: a code that came by no letter."""

    words = {"code": NO_CODE}  # noqa: RUF012 -- read like a constant


class SecondStepForm(PageForm):
    """POST /mfa: a code, or what a passkey has answered."""

    code = fields.String(load_default="", validate=validate.Length(max=64))
    credential = fields.String(load_default="")
    trust = fields.Boolean(load_default=False)

    words = {"code": NO_CODE}  # noqa: RUF012 -- read like a constant


class PasskeyForm(PageForm):
    """POST /account/security/passkeys/new."""

    credential = fields.String(required=True)
    name = fields.String(load_default="")


class ProofForm(PageForm):
    """POST /reauth, /account/security/totp/remove: password or code."""

    password = fields.String(load_default=None, validate=validate.Length(1, 1024))
    code = fields.String(load_default=None, validate=validate.Length(1, 64))

    words = {"code": NO_CODE}  # noqa: RUF012 -- read like a constant


class ProfileForm(PageForm):
    """POST /account/profile; the core says what each may be."""

    full_name = fields.String()
    username = fields.String()
    phone = fields.String()
    language = fields.String()
    timezone = fields.String()


class NewPasswordForm(PageForm):
    """POST /account/password."""

    current_password = fields.String(
        load_default=None, validate=validate.Length(1, 1024)
    )
    password = fields.String(required=True, validate=validate.Length(1, 1024))


class SavedForm(PageForm):
    """POST /account/security/backup-codes."""

    saved = fields.Boolean(required=True, validate=validate.Equal(True))


class GoodbyeForm(PageForm):
    """POST /account/privacy/delete."""

    confirm = fields.String(required=True)


WRONG_PASSWORD = "That password is not right."
WORDS = {
    "full_name": "Enter your name.",
    "email": "Enter your email address.",
    "password": "Enter your password.",
    "identifier": "Enter your email address or username.",
    "code": "Enter the code from the email.",
    "user_code": "Type the code that your device shows.",
    "current_password": "Enter your present password.",
    "credential": "No passkey was used. You can try again.",
    "saved": "Save the codes first, then tick the box.",
    "confirm": "Enter your email address.",
}


def read(schema: PageForm) -> tuple[Given | None, Form]:
    """Read the posted form; see ``http.forms.read``."""
    return forms.read(schema, WORDS)
