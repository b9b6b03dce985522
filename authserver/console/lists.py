"""Lists: filters in the URL, keyset paging, and nothing that grows with the table.

``read_filters`` takes what the URL asks for; ``pages`` gives the links below a list.
"""

from typing import Any

from flask import request

from authserver.console import show
from authserver.core.directory import Page
from authserver.errors import InvalidInput
from authserver.http import forms
from authserver.http.pages import Form
from authserver.http.paging import Kind, read_cursor, write_cursor

PER_PAGE = 30


def read_filters(
    schema: forms.PageForm, words: dict[str, str]
) -> tuple[forms.Given | None, Form]:
    """Read what a list is narrowed to; an empty field asks for nothing.

    Returns:
        The filters, or None when some are wrong, and the form to show them again.
    """
    told = request.args.copy()
    for name in [name for name, value in told.items() if not value.strip()]:
        del told[name]
    return forms.read(schema, words, source=told)


def cursor(*kinds: Kind) -> list[Any] | None:
    """Give where this page goes on; one that is none of ours begins anew."""
    try:
        return read_cursor(request.args.get("cursor"), *kinds)
    except InvalidInput:
        return None


def pages(page: Page) -> dict[str, str | None]:
    """Give the links below a list: ``first``, unless it is this one, and ``next``."""
    return {
        "first": show.here_with(cursor=None) if "cursor" in request.args else None,
        "next": (
            show.here_with(cursor=write_cursor(page.after)) if page.after else None
        ),
    }
