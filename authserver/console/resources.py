"""APIs that tokens are for: their scopes, and what consent says of each (RFC 8707)."""

import uuid
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext

from authserver.console import asking, detail_types, operators, show
from authserver.console.room import Room, Screen
from authserver.core.resource_metadata import TYPES
from authserver.core.resources import Resource
from authserver.core.versions import version_of
from authserver.errors import AuthError, Conflict, InvalidInput, StaleVersion
from authserver.http import forms, language
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal

BLANK = 3
"""How many scopes may be added at once."""

MOST = 200


def list_resources() -> Response:
    """List them by identifier."""
    return show.render(
        "resources",
        title=lazy_gettext("APIs"),
        resources=[
            {
                "name": row.name,
                "identifier": row.identifier,
                "url": url_for("console.show_resource", resource_id=row.id),
                "scopes": sorted(row.scopes),
                "is_open": row.is_open,
            }
            for row in services().resources.list_all()
        ],
        links={
            "new": show.allowed("resources:create", "console.add_resource"),
            "types": show.allowed("resources:read", "console.list_detail_types"),
        },
    )


def show_resource(resource_id: uuid.UUID) -> Response:
    """Show one, with the sentences of its scopes in each language."""
    row = services().resources.get(resource_id)
    return show.render(
        "resource",
        title=row.name,
        shown=row,
        names=sorted(row.names.items()),
        scopes=[
            (name, sorted(texts.items())) for name, texts in sorted(row.scopes.items())
        ],
        changed=show.moment(row.updated_at),
        links={
            "edit": show.allowed(
                "resources:update", "console.edit_resource", resource_id=row.id
            ),
            "delete": show.allowed(
                "resources:delete", "console.delete_resource", resource_id=row.id
            ),
        },
    )


def add_resource() -> Response:
    """Register one."""
    if request.method != "POST":
        return _page(None, Form())
    form = Form(values=_typed())
    try:
        row = services().resources.create(
            by=operators.current().id, reason=_reason(form), **_facts(form, None)
        )
    except (Conflict, InvalidInput) as refusal:
        return _refused(None, form, refusal)
    return show.back_to("console.show_resource", "added", resource_id=row.id)


def edit_resource(resource_id: uuid.UUID) -> Response:
    """Change all of one but its identifier: tokens and consents name it."""
    row = services().resources.get(resource_id)
    if request.method != "POST":
        return _page(row, Form(values=_known(row)))
    form = Form(values=_typed() | {"identifier": row.identifier})
    try:
        if form.values.get("version") != version_of(row):
            raise StaleVersion("the form was filled from another version")
        services().resources.replace(
            resource_id,
            by=operators.current().id,
            reason=_reason(form),
            **_facts(form, row),
        )
    except (Conflict, InvalidInput, StaleVersion) as refusal:
        return _refused(resource_id, form, refusal)
    return show.back_to("console.show_resource", "changed", resource_id=resource_id)


def delete_resource(resource_id: uuid.UUID) -> Response:
    """Delete one; what was issued for it runs out."""
    row = services().resources.get(resource_id)
    page = url_for("console.show_resource", resource_id=row.id)
    question = asking.Question(
        title=gettext("Delete the API"),
        words=gettext(
            "No token for it is issued any more; those that are out end soon."
        ),
        submit=gettext("Delete the API"),
        back=page,
        of=[row.name, row.identifier],
        trail=[(row.name, page)],
        wants_reason=True,
        typed=row.name,
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().resources.delete(resource_id, by=by, reason=reason)
        return show.back_to("console.list_resources", "deleted")

    return asking.ask(question, act)


def _typed() -> dict[str, str]:
    return {n: text.replace("\x00", "").strip() for n, text in request.form.items()}


def _reason(form: Form) -> str | None:
    return form.values.get("reason", "")[: asking.LONGEST_REASON] or None


def _facts(form: Form, row: Resource | None) -> dict[str, Any]:
    """Read the form; languages that it has no field for stay as they are.

    Raises:
        InvalidInput: What should be a number is none.
    """
    typed = form.values
    life = typed.get("token_ttl", "")
    if life and not (life.isascii() and life.isdigit() and len(life) < 9):
        raise InvalidInput(fields={"token_ttl": ["Enter the seconds as a number."]})
    scopes: dict[str, dict[str, str]] = {}
    for place in range(MOST):
        name = typed.get(f"scope-{place}")
        if name:
            old = row.scopes.get(name, {}) if row else {}
            scopes[name] = _texts(typed, f"scope-{place}-", old)
    return {
        "identifier": typed.get("identifier", ""),
        "name": typed.get("name", ""),
        "names": _texts(typed, "names-", row.names if row else {}),
        "scopes": scopes,
        "token_ttl": int(life) if life else None,
        "signing_alg": typed.get("signing_alg") or None,
        "token_typ": typed.get("token_typ") or None,
        "introspection_clients": typed.get("introspection_clients", "").split(),
        "is_open": "is_open" in typed,
    }


def _texts(typed: dict[str, str], before: str, old: dict[str, str]) -> dict[str, str]:
    kept = {tag: said for tag, said in old.items() if tag not in language.LANGUAGES}
    return kept | {
        tag: typed[before + tag]
        for tag in language.LANGUAGES
        if typed.get(before + tag)
    }


def _known(row: Resource) -> dict[str, Any]:
    known: dict[str, Any] = {
        "identifier": row.identifier,
        "name": row.name,
        "token_ttl": str(row.token_ttl or ""),
        "signing_alg": row.signing_alg or "",
        "token_typ": row.token_typ or "",
        "introspection_clients": "\n".join(row.introspection_clients),
        "version": version_of(row),
    }
    known |= {f"names-{tag}": said for tag, said in row.names.items()}
    for place, (name, texts) in enumerate(sorted(row.scopes.items())):
        known[f"scope-{place}"] = name
        known |= {f"scope-{place}-{tag}": said for tag, said in texts.items()}
    return known | ({"is_open": "1"} if row.is_open else {})


def _refused(resource_id: uuid.UUID | None, form: Form, refusal: AuthError) -> Response:
    settle_refusal(refusal)
    row = services().resources.get(resource_id) if resource_id else None
    if row is not None and isinstance(refusal, StaleVersion):
        form.values["version"] = version_of(row)
    again = forms.show_again(form, refusal)
    if said := again.errors.pop("names", None):
        again.errors["names-en"] = said
    return _page(row, again, status=refusal.status)


def _page(row: Resource | None, form: Form, *, status: int = 200) -> Response:
    filled = [n for n in range(MOST) if form.values.get(f"scope-{n}")]
    count = (filled[-1] + 1 if filled else 0) + BLANK
    back = url_for("console.list_resources")
    trail: show.Trail = []
    if row is not None:
        back = url_for("console.show_resource", resource_id=row.id)
        trail = [(row.name, back)]
    algorithms = sorted(services().keys.ring().active)
    return show.render(
        "resource_edit",
        title=gettext("Change the API") if row else gettext("Register an API"),
        trail=trail,
        status=status,
        form=form,
        is_new=row is None,
        places=range(count),
        languages_known=list(language.LANGUAGES.items()),
        algorithms=[("", gettext("the usual one")), *((a, a) for a in algorithms)],
        types=[("", gettext("the usual one")), *((one, one) for one in TYPES)],
        links={"back": back},
    )


ONE, CALL = "/resources/<uuid:resource_id>", "/admin/resources/<uuid:resource_id>"


def _deed(path: str, view: Any, verb: str, call: str, *, is_dangerous: bool) -> Screen:
    return Screen(
        path, view, f"resources:{verb}", call, posts=True, is_dangerous=is_dangerous
    )


ROOM = Room(
    name="resources",
    title=lazy_gettext("APIs"),
    screens=(
        Screen("/resources", list_resources, "resources:read", "GET /admin/resources"),
        _deed(
            "/resources/new",
            add_resource,
            "create",
            "POST /admin/resources",
            is_dangerous=False,
        ),
        Screen(ONE, show_resource, "resources:read", f"GET {CALL}"),
        _deed(
            f"{ONE}/edit", edit_resource, "update", f"PUT {CALL}", is_dangerous=False
        ),
        _deed(
            f"{ONE}/delete",
            delete_resource,
            "delete",
            f"DELETE {CALL}",
            is_dangerous=True,
        ),
        *detail_types.SCREENS,
    ),
    done={
        "added": lazy_gettext(
            "The API is registered. Tokens for it are issued at once."
        ),
        "changed": lazy_gettext("The API is changed. Tokens follow within seconds."),
        "deleted": lazy_gettext("The API is deleted."),
        **detail_types.DONE,
    },
)
