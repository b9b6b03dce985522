"""Ask before something is done: a page that says what, takes a reason, and does it.

One view for both methods: GET shows the page, POST does it and leads on.  What cannot be
undone wants a word to be typed.  The reason goes into the security log.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from marshmallow import validate

from authserver.console import said, show
from authserver.core.users import User
from authserver.errors import AuthError, Conflict, InvalidInput, TooManyTries
from authserver.http import forms
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal

LONGEST_REASON = 500


@dataclass(frozen=True)
class Question:
    """What is about to be done.

    Attributes:
        title: In a few words: "Lock this account".
        words: What comes of it, in a sentence.
        submit: On the button.
        back: Where to, if not.
        of: What it is done to, by name; people may call themselves anything.
        trail: Breadcrumbs, see ``show.Trail``.
        wants_reason: Whether a reason must be given.
        typed: What must be typed to confirm it; None where a press is enough.
        is_dangerous: Whether the button is red.
    """

    title: Any
    words: Any
    submit: Any
    back: str
    of: Sequence[str] = ()
    trail: show.Trail = ()
    wants_reason: bool = False
    typed: str | None = None
    is_dangerous: bool = False


def about(
    user: User,
    title: str,
    words: str,
    *,
    typed: str | None = None,
    is_dangerous: bool = False,
) -> Question:
    """Ask about something that is done to a person; whoever does what is dangerous says why."""
    page = url_for("console.show_user", user_id=user.id)
    return Question(
        title=title,
        words=words,
        submit=title,
        back=page,
        of=[f"{said.name_of(user)} ({user.email})"],
        trail=[(said.name_of(user), page)],
        wants_reason=is_dangerous,
        typed=typed,
        is_dangerous=is_dangerous,
    )


class Answer(forms.PageForm):
    """What the page takes."""

    reason = forms.Trimmed(
        load_default="", validate=validate.Length(max=LONGEST_REASON)
    )
    typed = forms.Trimmed(load_default="")

    words = {  # noqa: RUF012 -- read like a constant
        "reason": "Use at most 500 characters."
    }


def ask(question: Question, act: Callable[[str | None], Response]) -> Response:
    """Show the question; once it is answered, do it.

    Args:
        question: What is about to be done.
        act: Does it, with the reason given, and leads on.  What the core refuses as a
            conflict or a wrong field is shown on this page.
    """
    if request.method != "POST":
        return _page(question, Form())
    given, form = forms.read(Answer(), {})
    faults = {} if given is None else _faults(question, given)
    if given is None or faults:
        form.errors.update(faults)
        return _page(question, form, status=422)
    try:
        return act(given["reason"] or None)
    except (Conflict, InvalidInput, TooManyTries) as refusal:
        return refused(refusal, form, question)


def refused(refusal: AuthError, form: Form, question: Question) -> Response:
    """Show the question again with what the core said."""
    settle_refusal(refusal)
    if refusal.fields:
        told = [gettext(one) for some in refusal.fields.values() for one in some]
        form.error = " ".join(told)
    else:
        form.error = gettext(refusal.public)
    return _page(question, form, status=refusal.status)


def _faults(question: Question, given: forms.Given) -> dict[str, str]:
    faults = {}
    if question.wants_reason and not given["reason"]:
        faults["reason"] = gettext("Say why. It goes into the security log.")
    if question.typed and not _is_same(given["typed"], question.typed):
        faults["typed"] = gettext("Type exactly %(word)s.", word=question.typed)
    return faults


def _is_same(typed: str, wanted: str) -> bool:
    return typed.casefold() == wanted.casefold()


def _page(question: Question, form: Form, *, status: int = 200) -> Response:
    return show.render(
        "confirm",
        title=question.title,
        trail=question.trail,
        status=status,
        form=form,
        question=question,
        links={"back": question.back},
    )
