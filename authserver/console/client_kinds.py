"""Kinds of apps: what each is registered as (RFC 6749 §2.1, RFC 8252, RFC 9700)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext

from authserver.core.client_metadata import DEVICE_CODE

CODE = ("authorization_code", "refresh_token")
BY_SECRET, BY_NOTHING = "client_secret_basic", "none"


@dataclass(frozen=True)
class Kind:
    """What an operator calls an app, and what the registry calls it.

    Attributes:
        title: In a few words.
        meaning: How to tell that an app is of this kind.
        auth_method: How it proves itself, unless it has keys.
        grants: What it may use.
        application_type: As OIDC Registration §2 has it.
        names_resources: Whether it must say which APIs its tokens are for (RFC 8707).
    """

    title: Any
    meaning: Any
    auth_method: str
    grants: tuple[str, ...]
    application_type: str = "web"
    names_resources: bool = False


KINDS: Mapping[str, Kind] = {
    "web": Kind(
        lazy_gettext("Web app with a server"),
        lazy_gettext("Its server keeps a secret or a key."),
        BY_SECRET,
        CODE,
    ),
    "spa": Kind(
        lazy_gettext("Web app in the browser alone"),
        lazy_gettext("It has no secret: everybody can read its code."),
        BY_NOTHING,
        CODE,
    ),
    "native": Kind(
        lazy_gettext("App on a phone or a computer"),
        lazy_gettext("It opens the browser and is answered on the device."),
        BY_NOTHING,
        CODE,
        "native",
    ),
    "machine": Kind(
        lazy_gettext("Service without people"),
        lazy_gettext("It acts for itself, with its own secret or key."),
        BY_SECRET,
        ("client_credentials",),
    ),
    "device": Kind(
        lazy_gettext("Device without a keyboard"),
        lazy_gettext("It shows a code that people type on another device."),
        BY_NOTHING,
        (DEVICE_CODE, "refresh_token"),
        "native",
    ),
    "mcp": Kind(
        lazy_gettext("MCP client"),
        lazy_gettext("It calls the tools of an MCP server in the name of a person."),
        BY_NOTHING,
        CODE,
        "native",
        names_resources=True,
    ),
}

PROFILES: Mapping[str, str] = {
    "oidc": "OpenID Connect",
    "oauth21": "OAuth 2.1",
    "fapi2": "FAPI 2.0",
    "fapi2-ms": "FAPI 2.0 Message Signing",
}
"""Security profiles by the names of their documents."""

USUAL_PROFILE = "oauth21"
"""What a new app gets unless somebody decides otherwise."""
