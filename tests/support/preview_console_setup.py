"""Samples of the console: how an app is set up, and whether its keys are found."""

from collections.abc import Callable, Iterator
from typing import Any

from authserver.core import snippets
from authserver.core.snippet_parts import Values
from tests.support.preview_kit import Sample

Words = Callable[..., str]
Shell = Callable[..., dict[str, Any]]
ISSUER = "https://auth.example"


def setup(_: Words, shell: Shell) -> Iterator[Sample]:
    """Three libraries; keys that were found, and an address that is not there."""
    above = (_("Apps"), "/console/clients"), ("Notes", "/console/clients/1")
    back = "https://notes.example/callback"
    values = Values(
        ISSUER, "4bf92f35", back, "", "openid email", "client_secret_basic", False
    )
    yield Sample(
        "console-client-setup",
        "console/client_setup.html",
        shell(
            "clients",
            _("Set it up"),
            *above,
            snippets=[make(values) for make in snippets.MAKERS["web"]],
            secret="OIDC_CLIENT_SECRET",
            is_bound=True,
            has_address=False,
        ),
    )
    facts = {
        "address": "https://notes.example/" + "a" * 400,
        "keys": [("2026-11", "EC"), ("k" * 300, "RSA")],
        "fault": "",
        "links": {"back": "/b"},
    }
    for name, more in (
        ("", {}),
        ("-none", {"keys": [], "fault": "no answer in time"}),
    ):
        yield Sample(
            f"console-client-keys{name}",
            "console/client_keys.html",
            shell("clients", _("Fetch its keys"), *above, **(facts | more)),
        )
