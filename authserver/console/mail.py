"""Letters: each as its reader would see it, in each language; and one sent to be tried."""

from flask import Response, make_response, request, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.console import operators, show
from authserver.console.room import Room, Screen
from authserver.core.specimens import NAMES
from authserver.errors import AuthError, InvalidInput, TooManyTries
from authserver.http import forms
from authserver.http import language as languages
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal

ALONE = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""What the HTML of a letter may do: be drawn, and nothing else."""

SCHEMES = {"light": lazy_gettext("Light"), "dark": lazy_gettext("Dark")}
ASKED = "@media (prefers-color-scheme:dark)"
DECIDED = {"light": "@media not all", "dark": "@media all"}
"""In the place of what the letter asks its reader's program."""


class Chosen(forms.PageForm):
    """Which letter, in which language."""

    letter = fields.String(load_default=NAMES[0], validate=validate.OneOf(NAMES))
    language = fields.String(
        load_default=None, validate=validate.OneOf(list(languages.LANGUAGES))
    )

    words = {  # noqa: RUF012 -- read like a constant
        "letter": "Choose one of the list.",
        "language": "Choose one of the list.",
        "email": "Enter an email address, such as name@example.com.",
    }


class Trial(Chosen):
    """And to whom."""

    email = forms.Trimmed(required=True, validate=validate.Length(1, 320))


def show_letter() -> Response:
    """Show a letter with made-up facts; nothing is sent."""
    letter, language, form = _asked()
    seen = services().specimens.show(letter, language)
    where = {"letter": letter, "language": language}
    return show.render(
        "mail",
        title=lazy_gettext("Mail"),
        form=form,
        status=422 if form.errors else 200,
        subject=seen.subject,
        text=seen.text,
        frames=[
            {
                "scheme": scheme,
                "words": words,
                "url": url_for("console.show_letter_html", **where, scheme=scheme),
            }
            for scheme, words in SCHEMES.items()
        ],
        **_choices(),
        links={
            "self": url_for("console.show_letter"),
            "test": show.allowed("mail:send", "console.send_letter", **where),
        },
    )


def show_letter_html() -> Response:
    """Give the HTML twin alone, for a sandboxed frame, in one scheme of colours."""
    letter, language, _ = _asked()
    scheme = "dark" if request.args.get("scheme") == "dark" else "light"
    html = services().specimens.show(letter, language).html
    response = make_response(html.replace(ASKED, DECIDED[scheme]))
    response.headers["Content-Security-Policy"] = ALONE
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def send_letter() -> Response:
    """Send one with made-up facts to an address, the way of all letters."""
    if request.method != "POST":
        return _form(_asked()[2])
    given, form = forms.read(Trial(), {})
    if given is None:
        return _form(form, status=422)
    language = given["language"] or languages.chosen()
    try:
        services().specimens.send(
            given["letter"],
            language,
            email=given["email"],
            actor_id=operators.current().id,
        )
    except (InvalidInput, TooManyTries) as refusal:
        return _refused(form, refusal)
    where = {"letter": given["letter"], "language": language}
    return show.back_to("console.show_letter", "sent", **where)


def _refused(form: Form, refusal: AuthError) -> Response:
    settle_refusal(refusal)
    return _form(forms.show_again(form, refusal), status=refusal.status)


def _asked() -> tuple[str, str, Form]:
    """Read the URL; what is wrong there gives the first letter, and is said."""
    given, form = forms.read(Chosen(), {}, source=request.args)
    known = given or {"letter": NAMES[0], "language": None}
    letter, language = known["letter"], known["language"] or languages.chosen()
    form.values = {"letter": letter, "language": language}
    return letter, language, form


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "letters": [(name, name) for name in NAMES],
        "languages_known": list(languages.LANGUAGES.items()),
    }


def _form(form: Form, *, status: int = 200) -> Response:
    return show.render(
        "mail_test",
        title=gettext("Send a test letter"),
        status=status,
        form=form,
        **_choices(),
        links={"back": url_for("console.show_letter")},
    )


ROOM = Room(
    name="mail",
    title=lazy_gettext("Mail"),
    screens=(
        Screen("/mail", show_letter, "mail:preview", "GET /admin/mail/preview"),
        Screen(
            "/mail/html", show_letter_html, "mail:preview", "GET /admin/mail/preview"
        ),
        Screen(
            "/mail/test",
            send_letter,
            "mail:send",
            "POST /admin/mail/test",
            posts=True,
        ),
    ),
    done={
        "sent": lazy_gettext("The letter waits to be sent, and goes within seconds.")
    },
)
