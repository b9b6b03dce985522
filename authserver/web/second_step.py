"""One more proof, asked for in the middle of a sign-in or by an app: its page and its answer."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Response, request

from authserver.errors import BadCredentials, TooManyTries, WrongCode
from authserver.http import language
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms

Given = dict[str, Any]
Proved = TypeVar("Proved")


def answer(
    page: Callable[[Form, int], Response],
    *,
    by_passkey: Callable[[Given], Proved],
    by_code: Callable[[Given], Proved],
    done: Callable[[Proved], Response],
) -> Response:
    """Take a proof and lead on; what is wrong may be corrected.

    Args:
        page: Shows the form again, with the status of what was wrong.
        by_passkey: Checks the signature of a passkey; gives what has been proved.
        by_code: The same with a code.
        done: Leads on with it.
    """
    given, form = forms.read(forms.SecondStepForm())
    if given is None:
        return page(form, 422)
    check = by_passkey if given["credential"] else by_code
    if not given["credential"] and not given["code"]:
        form.errors = {"code": language.translate(forms.NO_CODE)}
        return page(form, 422)
    try:
        proved = check(given)
    except (WrongCode, BadCredentials, TooManyTries) as refusal:
        settle_refusal(refusal)
        return page(forms.show_again(form, refusal), refusal.status)
    return done(proved)


def choose(
    methods: Sequence[str], url: Callable[[str], str]
) -> tuple[str, list[dict[str, str]]]:
    """Give the way that is shown, the first unless another was asked for, and the others.

    Args:
        methods: The ways there are, the best first.
        url: Where the page shows one of them.
    """
    asked = request.args.get("method", "")
    method = asked if asked in methods else methods[0]
    others = [{"method": one, "url": url(one)} for one in methods if one != method]
    return method, others
