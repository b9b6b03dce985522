"""Institutions, whose codes go into tokens: made, changed, deleted."""

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.console import asking, operators, show
from authserver.console.room import Room, Screen
from authserver.core.versions import version_of
from authserver.errors import AuthError, Conflict, InvalidInput, StaleVersion
from authserver.http import forms
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal


class InstitutionForm(forms.PageForm):
    """An institution."""

    code = forms.Trimmed(required=True, validate=validate.Length(1, 64))
    name = forms.Trimmed(required=True, validate=validate.Length(1, 200))
    version = fields.String(load_default="")

    words = {  # noqa: RUF012 -- read like a constant
        "code": "Use up to 64 letters, digits, dots, dashes or underscores.",
        "name": "Enter a name of at most 200 characters.",
    }


def list_institutions() -> Response:
    """List them by code."""
    return show.render(
        "institutions",
        title=lazy_gettext("Institutions"),
        institutions=[
            {
                "code": one.code,
                "name": one.name,
                "since": show.moment(one.created_at),
                "edit_url": show.allowed(
                    "institutions:update",
                    "console.edit_institution",
                    institution_id=one.id,
                ),
                "delete_url": show.allowed(
                    "institutions:delete",
                    "console.delete_institution",
                    institution_id=one.id,
                ),
                "people_url": show.allowed(
                    "users:read", "console.list_users", institution=one.code
                ),
            }
            for one in services().institutions.list_all()
        ],
        links={"new": show.allowed("institutions:create", "console.add_institution")},
    )


def add_institution() -> Response:
    """Add one."""
    if request.method != "POST":
        return _page(Form(), is_new=True)
    given, form = forms.read(InstitutionForm(), {})
    if given is None:
        return _page(form, is_new=True, status=422)
    try:
        by = operators.current().id
        services().institutions.create(given["code"], given["name"], by=by)
    except (Conflict, InvalidInput) as refusal:
        return _refused(form, refusal, is_new=True)
    return show.back_to("console.list_institutions", "added")


def edit_institution(institution_id: int) -> Response:
    """Give one another code or name."""
    row = services().institutions.get(institution_id)
    if request.method != "POST":
        known = {"code": row.code, "name": row.name, "version": version_of(row)}
        return _page(Form(values=known), is_new=False)
    given, form = forms.read(InstitutionForm(), {})
    if given is None:
        return _page(form, is_new=False, status=422)
    try:
        if given["version"] != version_of(row):
            raise StaleVersion("the form was filled from another version")
        services().institutions.change(
            institution_id,
            by=operators.current().id,
            code=given["code"],
            name=given["name"],
        )
    except (Conflict, InvalidInput, StaleVersion) as refusal:
        return _refused(form, refusal, is_new=False, institution_id=institution_id)
    return show.back_to("console.list_institutions", "changed")


def delete_institution(institution_id: int) -> Response:
    """Delete one, with everybody's membership of it."""
    row = services().institutions.get(institution_id)
    question = asking.Question(
        title=gettext("Delete the institution"),
        words=gettext("Everybody's membership of it ends too."),
        submit=gettext("Delete the institution"),
        back=url_for("console.list_institutions"),
        of=[f"{row.name} ({row.code})"],
        wants_reason=True,
        typed=row.code,
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().institutions.delete(institution_id, by=by, reason=reason)
        return show.back_to("console.list_institutions", "deleted")

    return asking.ask(question, act)


def _refused(
    form: Form, refusal: AuthError, *, is_new: bool, institution_id: int | None = None
) -> Response:
    settle_refusal(refusal)
    if institution_id is not None and isinstance(refusal, StaleVersion):
        row = services().institutions.get(institution_id)
        form.values["version"] = version_of(row)
    again = forms.show_again(form, refusal)
    return _page(again, is_new=is_new, status=refusal.status)


def _page(form: Form, *, is_new: bool, status: int = 200) -> Response:
    return show.render(
        "institution_edit",
        title=(
            gettext("Add an institution")
            if is_new
            else gettext("Change the institution")
        ),
        status=status,
        form=form,
        is_new=is_new,
        links={"back": url_for("console.list_institutions")},
    )


ONE = "/institutions/<int:institution_id>"
CALL = "/admin/institutions/<int:institution_id>"

ROOM = Room(
    name="institutions",
    title=lazy_gettext("Institutions"),
    screens=(
        Screen(
            "/institutions",
            list_institutions,
            "institutions:read",
            "GET /admin/institutions",
        ),
        Screen(
            "/institutions/new",
            add_institution,
            "institutions:create",
            "POST /admin/institutions",
            posts=True,
        ),
        Screen(
            f"{ONE}/edit",
            edit_institution,
            "institutions:update",
            f"PUT {CALL}",
            posts=True,
        ),
        Screen(
            f"{ONE}/delete",
            delete_institution,
            "institutions:delete",
            f"DELETE {CALL}",
            posts=True,
            is_dangerous=True,
        ),
    ),
    done={
        "added": lazy_gettext("The institution is there."),
        "changed": lazy_gettext(
            "The institution is changed. Tokens show it when they are issued next."
        ),
        "deleted": lazy_gettext("The institution is deleted."),
    },
)
