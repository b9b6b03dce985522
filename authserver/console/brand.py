"""The brand: colours, logo, texts; tried on before they count, and how they read."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, request, url_for
from flask_babel import gettext, lazy_gettext

from authserver.console import asking, operators, show
from authserver.console.room import Room, Screen
from authserver.core import contrast
from authserver.core.brands import TEXTS, Brand, check
from authserver.errors import AuthError, InvalidInput, NotFound, StaleVersion
from authserver.http import forms, headers, language, pages
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal

PAGES: dict[str, tuple[str, Any]] = {
    "signin": ("web/signin.html", lazy_gettext("Sign in")),
    "signup": ("web/signup.html", lazy_gettext("Create your account")),
    "error": ("error.html", lazy_gettext("Error page")),
}
"""Pages that a brand can be tried on."""

SCHEMES = {"light": lazy_gettext("Light"), "dark": lazy_gettext("Dark")}
WELCOME = "welcome-"
LONGEST_REASON = 500


def show_brand() -> Response:
    """Show it, with a form where it may be changed."""
    return _page(Form(values=_known()))


def edit_brand() -> Response:
    """Change it; or, with the other button, see first what would become of it."""
    if request.method != "POST":
        return _page(Form(values=_known()))
    given = {name: text.strip() for name, text in request.form.items()}
    form = Form(values={name: given.get(name, "") for name in (*_names(), "reason")})
    form.values["version"] = given.get("version", "")
    try:
        facts = check(_facts(given))
        if given.get("deed") == "preview":
            return _page(form)
        reason = given.get("reason", "")[:LONGEST_REASON] or None
        services().brands.change(
            facts,
            by=operators.current().id,
            reason=reason,
            version=given.get("version", ""),
        )
    except (InvalidInput, StaleVersion) as refusal:
        return _refused(form, refusal)
    return show.back_to("console.show_brand", "changed")


def _refused(form: Form, refusal: AuthError) -> Response:
    settle_refusal(refusal)
    if isinstance(refusal, StaleVersion):
        form.values["version"] = services().brands.version()
    again = forms.show_again(form, refusal)
    if said := again.errors.pop("welcome", None):
        again.errors[WELCOME + next(iter(language.LANGUAGES))] = said
    return _page(again, status=refusal.status)


MOVING = re.compile(r"<script\b[^>]*></script>|(?<=\s)autofocus(?=[\s>])(?=[^<>]*>)")
"""What a page would do by itself; the frame forbids it, and its browser would complain."""


def preview_brand() -> Response:
    """Show a hosted page as it would be, for a sandboxed frame; it does nothing."""
    template, _ = PAGES.get(request.args.get("page", ""), PAGES["signin"])
    given = {name: text.strip() for name, text in request.args.items()}
    headers.allow_framing_by_us()
    facts: dict[str, Any] = {"form": Form()}
    if template == "error.html":
        facts = {"error": {"code": "access_denied", "message": gettext("An example.")}}
    looks = _tried(given)
    page = pages.render(
        template,
        looks=looks,
        links={"signup": "#", "forgot": "#", "terms": None},
        **facts,
    )
    scheme = "dark" if request.args.get("scheme") == "dark" else "light"
    colour = looks.colour_dark if scheme == "dark" else ""
    rule = f":root{{{_tokens(scheme)}--brand:{colour or looks.colour}}}"
    style = f'<style nonce="{headers.nonce()}">{rule}</style></head>'
    still = MOVING.sub("", page.get_data(as_text=True))
    page.set_data(still.replace("</head>", style, 1))
    return page


@cache
def _tokens(scheme: str) -> str:
    """Give what the stylesheet says of one scheme, whichever the browser prefers."""
    sheet = Path(current_app.static_folder or "", "style.css").read_text("utf-8")
    found = re.findall(r":root \{([^}]*)\}", sheet)
    light, dark, accent, accent_dark = (" ".join(one.split()) for one in found[:4])
    said = light + accent if scheme == "light" else light + dark + accent_dark
    return f"{said}color-scheme:{scheme};"


def _tried(given: dict[str, str]) -> Brand:
    """Give the brand with what was typed over it; what cannot be shown is left out."""
    brands = services().brands
    facts, kept = _facts(given), brands.chosen()
    try:
        checked = check(facts)
    except InvalidInput as faulty:
        checked = check({n: v for n, v in facts.items() if n not in faulty.fields})
    return brands.over(checked | {"logo": kept["logo"]})


def change_logo() -> Response:
    """Take a picture in the place of the one before it."""
    if request.method != "POST":
        return _page(Form(values=_known()))
    sent = request.files.get("logo")
    form = Form(values=_known())
    try:
        picture = sent.read() if sent else b""
        services().brands.change_logo(picture, by=operators.current().id)
    except InvalidInput as refusal:
        settle_refusal(refusal)
        return _page(forms.show_again(form, refusal), status=422)
    return show.back_to("console.show_brand", "changed")


def delete_logo() -> Response:
    """Take it away."""
    if not services().brands.chosen()["logo"]:
        raise NotFound("there is no logo")
    question = asking.Question(
        title=gettext("Take the logo away"),
        words=gettext("The name stands in its place."),
        submit=gettext("Take the logo away"),
        back=url_for("console.show_brand"),
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().brands.change_logo(None, by=by, reason=reason)
        return show.back_to("console.show_brand", "changed")

    return asking.ask(question, act)


def _names() -> list[str]:
    return [*TEXTS, *(WELCOME + tag for tag in language.LANGUAGES)]


def _facts(given: dict[str, str]) -> dict[str, Any]:
    facts: dict[str, Any] = {name: given.get(name, "") for name in TEXTS}
    welcome = {tag: given.get(WELCOME + tag, "") for tag in language.LANGUAGES}
    return facts | {"welcome": {tag: text for tag, text in welcome.items() if text}}


def _known() -> dict[str, str]:
    chosen = services().brands.chosen()
    known = {name: chosen[name] for name in TEXTS}
    welcome = {
        WELCOME + tag: chosen["welcome"].get(tag, "") for tag in language.LANGUAGES
    }
    return known | welcome | {"version": services().brands.version()}


def _page(form: Form, *, status: int = 200) -> Response:
    brands, may = services().brands, operators.current().may("settings:update")
    tried = _tried({name: form.values.get(name, "") for name in _names()})
    usual = brands.usual()
    shown = {n: form.values[n] for n in _names() if form.values.get(n)}
    return show.render(
        "brand",
        title=lazy_gettext("Brand"),
        status=status,
        form=form,
        usual={name: getattr(usual, name) for name in TEXTS},
        languages_known=list(language.LANGUAGES.items()),
        logo=pages.brand_logo(tried),
        legible=[
            _legible(contrast.look(tried.colour, "light")),
            _legible(contrast.look(tried.colour_dark or tried.colour, "dark")),
        ],
        previews=[
            {
                "title": f"{title}: {words}",
                "scheme": scheme,
                "url": url_for(
                    "console.preview_brand", page=page, scheme=scheme, **shown
                ),
            }
            for page, (_, title) in PAGES.items()
            for scheme, words in SCHEMES.items()
        ],
        links={
            "edit": url_for("console.edit_brand") if may else None,
            "logo": url_for("console.change_logo") if may else None,
            "delete": url_for("console.delete_logo") if may and tried.logo else None,
            "back": url_for("console.show_brand"),
        },
    )


def _legible(found: contrast.Legibility) -> dict[str, Any]:
    return {
        "scheme": SCHEMES[found.scheme],
        "colour": found.colour,
        "drawn": found.drawn,
        "under": contrast.SURFACES[found.scheme],
        "on": contrast.ON_ACCENT[found.scheme],
        "as_link": f"{found.as_link:.1f}",
        "as_button": f"{found.as_button:.1f}",
        "untouched": f"{found.untouched:.1f}",
        "is_legible": found.is_legible,
        "is_moved": found.is_moved,
    }


READS, CHANGES = "settings:read", "settings:update"

ROOM = Room(
    name="brand",
    title=lazy_gettext("Brand"),
    screens=(
        Screen("/brand", show_brand, READS, "GET /admin/brand"),
        Screen("/brand/preview", preview_brand, READS, "GET /admin/brand"),
        Screen("/brand/edit", edit_brand, CHANGES, "PUT /admin/brand", posts=True),
        Screen(
            "/brand/logo", change_logo, CHANGES, "PUT /admin/brand/logo", posts=True
        ),
        Screen(
            "/brand/logo/delete",
            delete_logo,
            CHANGES,
            "DELETE /admin/brand/logo",
            posts=True,
        ),
    ),
    done={"changed": lazy_gettext("The brand is changed. It is seen within seconds.")},
)
