"""Samples of the console: streams of security events."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.support.preview_kit import Sample, form

Words = Callable[..., str]
Shell = Callable[..., dict[str, Any]]


def streams(_: Words, shell: Shell) -> Iterator[Sample]:
    """The list, and the form."""
    one = {
        "name": "Shop",
        "url": "/c",
        "way": _("They are sent to the app (RFC 8935)"),
        "endpoint": "https://shop.example/" + "e" * 200,
        "state": {"words": _("Paused"), "mood": "warn"},
        "verified": None,
        "edit_url": "/e",
    }
    title = _("Streams of security events")
    for name, found in (("", [one]), ("-none", [])):
        yield Sample(
            f"console-streams{name}",
            "console/streams.html",
            shell("clients", title, (_("Apps"), "/console/clients"), streams=found),
        )
    typed: dict[str, Any] = {"method": "push", "events_requested": ["a"]}
    yield Sample(
        "console-stream-edit",
        "console/stream_edit.html",
        shell(
            "clients",
            _("Stream of security events"),
            (_("Apps"), "/console/clients"),
            ("Shop", "/c"),
            form=form(typed, {"method": "Choose one of the list."}),
            is_new=False,
            has_authorization=True,
            ways=[("poll", _("The app fetches them (RFC 8936)")), ("push", "Push")],
            states=[("enabled", _("On"))],
            events=[("a", _("A session has ended")), ("b", "B")],
            may_receive=False,
            links={"back": "/b", "delete": "/d"},
        ),
    )
