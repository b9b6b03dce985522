"""What is asked of a stream of security events, read strictly (OpenID SSF 1.0 §8.1.1)."""

from collections.abc import Callable, Mapping
from typing import Any

from authserver.core import redirects
from authserver.core.signals import DISABLED, ENABLED, METHODS, PAUSED, POLL, PUSH
from authserver.errors import AuthError

STATUSES = (ENABLED, PAUSED, DISABLED)
MAX_TEXT = 1000
MAX_EVENTS = 100
Config = dict[str, Any]


def bad(what: str) -> AuthError:
    """Make the refusal of a request that is not as §8 has it."""
    return AuthError(f"stream: {what}", public=f"{what}.")


def read(wishes: Mapping[str, Any], *, own_url: str | None = None) -> Config:
    """Give the columns that a stream is to have.

    Args:
        wishes: ``events_requested``, ``description``, ``delivery``.
        own_url: Where its events are fetched, if there is a stream already.

    Raises:
        AuthError: Something is not as it should be.
    """
    return {
        "events_requested": events(wishes.get("events_requested", [])),
        "description": line("description", wishes.get("description")),
        **_delivery(wishes.get("delivery"), own_url),
    }


def faults_of(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Name what is wrong with each member, by the names of ``/v1/admin``.

    Args:
        facts: ``method``, ``events_requested`` and ``description``; ``endpoint_url`` and
            ``authorization_header``, which have no place where events are fetched.
    """
    is_push = facts["method"] == PUSH
    url, header = facts.get("endpoint_url"), facts.get("authorization_header")
    checks: dict[str, Callable[[], object]] = {
        "endpoint_url": lambda: _address(url) if is_push else _nothing(url),
        "authorization_header": lambda: (
            _header(header) if is_push else _nothing(header)
        ),
        "events_requested": lambda: events(facts["events_requested"]),
        "description": lambda: line("description", facts["description"]),
    }
    faults: dict[str, list[str]] = {}
    for name, check in checks.items():
        try:
            check()
        except AuthError as why:
            faults[name] = [why.public]
    return faults


def events(said: Any) -> list[str]:
    """Read which events are wanted; one of ours or not, it is kept (§8.1.1)."""
    is_list = isinstance(said, list) and len(said) <= MAX_EVENTS
    if not is_list or not all(_is_line(one) for one in said):
        raise bad("events_requested is a list of URIs")
    return list(dict.fromkeys(said))


def line(name: str, value: Any) -> str | None:
    """Read a line of text, or nothing."""
    if value is None or value == "":
        return None
    if not _is_line(value):
        raise bad(f"{name} is a line of text")
    return str(value)


def _delivery(said: Any, own_url: str | None) -> Config:
    """Read how events are to come; unsaid, they are fetched (§8.1.1.1)."""
    wanted = {"method": POLL} if said is None else said
    if not isinstance(wanted, Mapping) or wanted.get("method") not in METHODS:
        raise bad(f"delivery.method is one of {', '.join(METHODS)}")
    url, header = wanted.get("endpoint_url"), wanted.get("authorization_header")
    if wanted["method"] == POLL:
        if url not in (None, own_url):
            raise bad("where events are fetched is for the transmitter to say")
        return {"method": POLL, "endpoint_url": None, "authorization_header": None}
    return {
        "method": PUSH,
        "endpoint_url": _address(url),
        "authorization_header": _header(header),
    }


def _address(url: Any) -> str:
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise bad("delivery.endpoint_url is missing")
    if why := redirects.fault_of(url):
        raise bad(f"delivery.endpoint_url {why}")
    return url


def _header(value: Any) -> str | None:
    header = line("delivery.authorization_header", value)
    if header and not header.isascii():
        raise bad("delivery.authorization_header is text of a header")
    return header


def _nothing(value: Any) -> None:
    if value is not None:
        raise bad(f"only for events that are sent, by the method {PUSH}")


def _is_line(value: Any) -> bool:
    """Whether it is text that can be stored and shown: no NUL, no half characters."""
    is_text = isinstance(value, str) and len(value) <= MAX_TEXT
    return is_text and value.isprintable()
