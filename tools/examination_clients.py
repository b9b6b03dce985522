"""Clients and files of the plans of FAPI; see ``examination.py``.

The security profile, message signing, plain OAuth, client credentials and FAPI-CIBA.  All clients are registered
by one file of ``authserver config``, and prove themselves by keys alone.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey

ALG = "ES256"
CIBA = "urn:openid:params:grant-type:ciba"
EMAIL = "ada@people.example"
SCOPE = "openid email offline_access"
NOTES = "notes:read"
PAIRS = (
    ("private_key_jwt", "dpop"),
    ("private_key_jwt", "mtls"),
    ("mtls", "dpop"),
    ("mtls", "mtls"),
)
Client = dict[str, Any]


def api_of(issuer: str) -> str:
    """Give where the API of plain OAuth is: the second port after the issuer's."""
    place, _, port = issuer.rpartition(":")
    return f"{place}:{int(port) + 2}"


class Clients:
    """Collects clients, and gives each to the suite with its private key."""

    def __init__(self, suite_place: str) -> None:
        self.place = suite_place
        self.entries: list[Client] = []

    def add(
        self, plan: str, number: int, means: str, constrains: str, **members: Any
    ) -> Client:
        """Add one of the two clients of a plan; give what the suite is told of it."""
        name = f"{plan}-{means}-{constrains}-{number}"
        key = ECKey.generate_key("P-256", {"kid": name})
        facts = {"use": "sig", "alg": ALG}
        entry: Client = {
            "client_id": name,
            "client_name": name,
            "redirect_uris": [f"{self.place}/callback{query_of(number)}"],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": SCOPE,
            "jwks": {"keys": [key.as_dict(private=False, **facts)]},
            "token_endpoint_auth_method": "private_key_jwt",
        }
        if means == "mtls":
            entry["token_endpoint_auth_method"] = "tls_client_auth"
            entry["tls_client_auth_subject_dn"] = f"CN=client{number}"
        bound = {
            "dpop": "dpop_bound_access_tokens",
            "mtls": "tls_client_certificate_bound_access_tokens",
        }
        entry |= {bound[constrains]: True} | members
        self.entries.append(entry)
        return {
            "client_id": name,
            "scope": entry["scope"],
            "jwks": {"keys": [key.as_dict(private=True, **facts)]},
        }


def query_of(number: int) -> str:
    """The second client's address has a query of its own (F2)."""
    return "?dummy1=lorem&dummy2=ipsum" if number == 2 else ""


def files(
    clients: Clients, issuer: str, certificates: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each plan's own part of its file, by name."""
    userinfo, notes = f"{issuer}/userinfo", f"{api_of(issuer)}/notes"
    for means, constrains in PAIRS:
        for plan in ("fapi2", "fapi2-ms"):
            yield (
                f"{plan}-{means}-{constrains}",
                _of(clients, plan, means, constrains, userinfo, profile=plan)
                | _shown(certificates, means, constrains),
            )
    for means in ("private_key_jwt", "mtls"):
        # Bound by DPoP: the API stands behind no port that asks for certificates.
        shown = _shown(certificates, means, "dpop")
        plain = {"profile": "fapi2", "scope": f"{NOTES} offline_access"}
        alone = {"profile": "fapi2", "scope": NOTES, "redirect_uris": []}
        alone |= {"grant_types": ["client_credentials"]}
        yield (
            f"fapi2-plain-{means}-dpop",
            _of(clients, "plain", means, "dpop", notes, **plain) | shown,
        )
        yield (
            f"fapi2-credentials-{means}-dpop",
            _of(clients, "credentials", means, "dpop", notes, **alone) | shown,
        )
    for means in ("private_key_jwt", "mtls"):
        for mode in ("poll", "ping"):
            yield (
                f"ciba-{means}-{mode}",
                _ciba(clients, means, mode, userinfo) | (certificates),
            )


def _ciba(clients: Clients, means: str, mode: str, resource: str) -> dict[str, Any]:
    """FAPI-CIBA: tokens of a certificate's holder, and each request signed."""
    members: Client = {
        "grant_types": [CIBA, "refresh_token"],
        "redirect_uris": [],
        "backchannel_token_delivery_mode": mode,
        "backchannel_authentication_request_signing_alg": ALG,
    }
    if mode == "ping":
        place = f"{clients.place}/ciba-notification-endpoint"
        members["backchannel_client_notification_endpoint"] = place
    found = _of(clients, f"ciba-{mode}", means, "mtls", resource, **members)
    hint = {"hint_type": "login_hint", "hint_value": EMAIL}
    return found | {name: found[name] | hint for name in ("client", "client2")}


def _of(
    clients: Clients,
    plan: str,
    means: str,
    constrains: str,
    resource: str,
    **members: Any,
) -> dict[str, Any]:
    first, second = (
        clients.add(plan, number, means, constrains, **members) for number in (1, 2)
    )
    return {
        "client": first,
        "client2": second,
        "resource": {"resourceUrl": resource},
    }


def _shown(certificates: dict[str, Any], *ways: str) -> dict[str, Any]:
    return certificates if "mtls" in ways else {}


def configuration(clients: Clients, issuer: str, place: Path) -> Path:
    """Write what ``authserver config apply`` reads; JSON is YAML enough."""
    api = {
        "identifier": api_of(issuer),
        "name": "Notes",
        "scopes": {NOTES: {"en": "Read your notes"}},
    }
    whole = {"version": 1, "resources": [api], "clients": clients.entries}
    place.write_text(json.dumps(whole, indent=2))
    return place
