"""Types of authorization details: their fields, and the sentence of consent (RFC 9396)."""

import json
import uuid
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext

from authserver.console import asking, operators, show
from authserver.console.room import Screen
from authserver.core.detail_types import DetailType
from authserver.core.versions import version_of
from authserver.errors import AuthError, Conflict, InvalidInput, StaleVersion
from authserver.http import forms, language
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal

LONGEST = 20_000
NO_FIELDS = "Write the fields as JSON: a name, and a JSON Schema for each."


def list_detail_types() -> Response:
    """List them by name."""
    tag = language.chosen()
    return show.render(
        "detail_types",
        title=gettext("Types of authorization details"),
        types=[
            {
                "type": row.type,
                "text": row.texts.get(tag) or next(iter(row.texts.values()), ""),
                "resources": list(row.resources),
                "is_remembered": row.is_remembered,
                "edit_url": show.allowed(
                    "resources:update", "console.edit_detail_type", type_id=row.id
                ),
                "delete_url": show.allowed(
                    "resources:delete", "console.delete_detail_type", type_id=row.id
                ),
            }
            for row in services().detail_types.list_all()
        ],
        links={"new": show.allowed("resources:create", "console.add_detail_type")},
    )


def add_detail_type() -> Response:
    """Register one."""
    if request.method != "POST":
        return _page(None, Form())
    form = Form(values=_typed())
    try:
        services().detail_types.create(
            by=operators.current().id, reason=_reason(form), **_facts(form, None)
        )
    except (Conflict, InvalidInput) as refusal:
        return _refused(None, form, refusal)
    return show.back_to("console.list_detail_types", "type-added")


def edit_detail_type(type_id: uuid.UUID) -> Response:
    """Change all of one but its name."""
    row = services().detail_types.get(type_id)
    if request.method != "POST":
        return _page(row, Form(values=_known(row)))
    form = Form(values=_typed() | {"type": row.type})
    try:
        if form.values.get("version") != version_of(row):
            raise StaleVersion("the form was filled from another version")
        services().detail_types.replace(
            type_id,
            by=operators.current().id,
            reason=_reason(form),
            **_facts(form, row),
        )
    except (Conflict, InvalidInput, StaleVersion) as refusal:
        return _refused(type_id, form, refusal)
    return show.back_to("console.list_detail_types", "type-changed")


def delete_detail_type(type_id: uuid.UUID) -> Response:
    """Delete one: what was granted of it stands in no further token."""
    row = services().detail_types.get(type_id)
    back = url_for("console.list_detail_types")
    question = asking.Question(
        title=gettext("Delete the type"),
        words=gettext("What was granted of it stands in no further token."),
        submit=gettext("Delete the type"),
        back=back,
        of=[row.type],
        trail=[(gettext("Types of authorization details"), back)],
        wants_reason=True,
        typed=row.type,
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().detail_types.delete(type_id, by=by, reason=reason)
        return show.back_to("console.list_detail_types", "type-deleted")

    return asking.ask(question, act)


def _typed() -> dict[str, str]:
    return {n: text.replace("\x00", "").strip() for n, text in request.form.items()}


def _reason(form: Form) -> str | None:
    return form.values.get("reason", "")[: asking.LONGEST_REASON] or None


def _facts(form: Form, row: DetailType | None) -> dict[str, Any]:
    typed = form.values
    old = row.texts if row else {}
    kept = {tag: said for tag, said in old.items() if tag not in language.LANGUAGES}
    texts = {tag: typed.get(f"texts-{tag}", "") for tag in language.LANGUAGES}
    return {
        "type": typed.get("type", ""),
        "fields": _fields(typed.get("fields", "")),
        "required": typed.get("required", "").split(),
        "texts": kept | {tag: said for tag, said in texts.items() if said},
        "resources": typed.get("resources", "").split(),
        "is_remembered": "is_remembered" in typed,
    }


def _fields(text: str) -> dict[str, Any]:
    """Read the schemas.

    Raises:
        InvalidInput: No JSON object, or one that no table can keep.
    """
    try:
        found = json.loads(text or "{}", parse_constant=_no_number)
        json.dumps(found).encode("ascii")
        is_kept = "\\u0000" not in text and "\\ud" not in text.lower()
    except (ValueError, RecursionError):
        found, is_kept = None, False
    if not isinstance(found, dict) or not is_kept or len(text) > LONGEST:
        raise InvalidInput(fields={"fields": [NO_FIELDS]})
    return found


def _no_number(name: str) -> None:
    raise ValueError(name)


def _known(row: DetailType) -> dict[str, Any]:
    known: dict[str, Any] = {
        "type": row.type,
        "fields": json.dumps(row.fields, indent=2, ensure_ascii=False),
        "required": " ".join(row.required),
        "resources": "\n".join(row.resources),
        "version": version_of(row),
    }
    known |= {f"texts-{tag}": said for tag, said in row.texts.items()}
    return known | ({"is_remembered": "1"} if row.is_remembered else {})


def _refused(type_id: uuid.UUID | None, form: Form, refusal: AuthError) -> Response:
    settle_refusal(refusal)
    row = services().detail_types.get(type_id) if type_id else None
    if row is not None and isinstance(refusal, StaleVersion):
        form.values["version"] = version_of(row)
    again = forms.show_again(form, refusal)
    if said := again.errors.pop("texts", None):
        again.errors["texts-en"] = said
    return _page(row, again, status=refusal.status)


def _page(row: DetailType | None, form: Form, *, status: int = 200) -> Response:
    back = url_for("console.list_detail_types")
    return show.render(
        "detail_type_edit",
        title=gettext("Change the type") if row else gettext("Add a type"),
        trail=[(gettext("Types of authorization details"), back)],
        status=status,
        form=form,
        is_new=row is None,
        languages_known=list(language.LANGUAGES.items()),
        links={"back": back},
    )


CALL = "/admin/detail-types"
ONE = "<uuid:type_id>"

SCREENS = (
    Screen("/detail-types", list_detail_types, "resources:read", f"GET {CALL}"),
    Screen(
        "/detail-types/new",
        add_detail_type,
        "resources:create",
        f"POST {CALL}",
        posts=True,
    ),
    Screen(
        f"/detail-types/{ONE}/edit",
        edit_detail_type,
        "resources:update",
        f"PUT {CALL}/{ONE}",
        posts=True,
    ),
    Screen(
        f"/detail-types/{ONE}/delete",
        delete_detail_type,
        "resources:delete",
        f"DELETE {CALL}/{ONE}",
        posts=True,
        is_dangerous=True,
    ),
)
DONE = {
    "type-added": lazy_gettext("The type is there."),
    "type-changed": lazy_gettext("The type is changed. It counts within seconds."),
    "type-deleted": lazy_gettext("The type is deleted."),
}
