"""Who is at the other end of this request: address, browser, language, trace."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """What is known of the caller without asking who it is."""

    ip: str | None = None
    user_agent: str | None = None
    browser: str | None = None
    """Random id of the browser, from its own cookie; never sent on."""
    trace_id: str = ""
    language: str = "en"


_NOBODY = Device()
here: ContextVar[Device] = ContextVar("device", default=_NOBODY)
"""The device of the request that is being answered; set by ``http/context``."""
