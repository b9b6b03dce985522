"""Clients as a section of a file: the members of RFC 7591, and what operators add.

Only clients that operators registered are here; one that registered itself looks after
itself (RFC 7592), and our own is ours.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from authserver.core import client_metadata, client_rows, client_rules
from authserver.core.blueprint_parts import Facts, Section, differences, tidy
from authserver.core.client_logos import ClientLogos
from authserver.core.client_members import MAX_SECONDS, TABLE
from authserver.core.client_metadata import PROFILES
from authserver.core.client_rows import OFTEN_EMPTY
from authserver.core.client_secrets import (
    MAX_CLIENT_ID,
    WEAK,
    is_plain,
    is_strong,
)
from authserver.core.client_switch import ClientSwitch
from authserver.core.clients import EVERY_SCOPE, OWN_CLIENT, Clients
from authserver.errors import InvalidInput
from authserver.models import Client

SECRET, LIFE, OFF = "client_secret", "refresh_ttl", "disabled"
BESIDE = ("client_id", "profile", "skip_consent", OFF, LIFE, SECRET)
"""What an entry may say that is no member of a registration."""

ARGUMENTS = {
    "client_name": "name",
    "redirect_uris": "redirect_uris",
    "token_endpoint_auth_method": "auth_method",
    "grant_types": "grant_types",
    "scope": "scope",
}
"""The members that the registry takes by a name of its own."""

Faults = dict[str, list[str]]


class ClientSection(Section):
    """Clients, by ``client_id``."""

    name, key, hidden = "clients", "client_id", (SECRET,)

    def __init__(
        self, registry: Clients, switch: ClientSwitch, logos: ClientLogos
    ) -> None:
        """Keep the registry."""
        self.registry = registry
        self.switch = switch
        self.logos = logos
        self.pictures: Mapping[str, bytes | None] = {}
        """What lay at each ``logo_uri``, fetched before anything was written."""
        self.secrets: dict[str, str] = {}
        """Those that were made for new clients."""

    def rows(self) -> Iterable[Client]:
        """Give those that operators keep."""
        every = sorted(self.registry.list_all(), key=lambda row: row.client_id)
        return [row for row in every if self.keeps(row)]

    def keeps(self, row: Client) -> bool:
        """Whether it is one of those that operators keep."""
        return row.registered_by == "operator" and row.client_id != OWN_CLIENT

    def facts_of(self, row: Client) -> Facts:
        """Give what is registered, with what stands where nothing is said."""
        kept = client_rows.members_of(row)
        members, faults = self._complete(kept, row.profile)
        said = members if not faults else kept
        order = [*TABLE, *sorted(set(said) - set(TABLE))]
        facts = {
            "client_id": row.client_id,
            **{name: said[name] for name in order if name in said},
            "profile": row.profile,
            "skip_consent": row.skip_consent,
            OFF: row.disabled_at is not None,
        }
        life = row.extra.get(LIFE)
        return facts if life is None else facts | {LIFE: life}

    def told(self, row: Client) -> Facts:
        """Leave out little: what stands for an absent member hangs on the others."""
        facts = self.facts_of(row)
        silent = {n for n in ("skip_consent", *OFTEN_EMPTY) if not facts.get(n)}
        return {n: tidy(value) for n, value in facts.items() if n not in silent}

    def complete(self, facts: Facts, row: Client | None) -> Facts:
        """Put the defaults in; a secret only where it is another than now.

        Raises:
            InvalidInput: Something does not fit together; each fault by field.
        """
        given = {name: value for name, value in facts.items() if value is not None}
        faults = self._faults_beside(given, row)
        profile = given.get("profile", "oidc")
        profile = profile if profile in PROFILES else "oidc"
        wanted = {n: v for n, v in given.items() if client_rows.is_member(n)}
        members, more = self._complete(wanted, profile)
        faults |= more
        for name in wanted:
            if name not in members and name not in faults:
                faults[name] = ["Not taken by this server as it is set."]
        if SECRET in given and not _wants_secret(members):
            faults[SECRET] = ["This client has no secret."]
        if faults:
            raise InvalidInput("client", fields=faults)
        whole = {
            **members,
            "client_id": given["client_id"],
            "profile": profile,
            "skip_consent": given.get("skip_consent", False),
            # Silence never switches on what somebody has switched off.
            OFF: given.get(OFF, row is not None and row.disabled_at is not None),
        }
        life = given.get(LIFE) or (row and row.extra.get(LIFE))
        whole |= {LIFE: life} if life is not None else {}
        secret = given.get(SECRET)
        if secret and not (row and self.registry.knows_secret(row, secret)):
            whole[SECRET] = secret
        return whole

    def create(self, facts: Facts) -> None:
        """Register one; a secret that we make is kept to be told."""
        row, secret = self.registry.register(
            **_arguments(facts),
            client_id=facts["client_id"],
            client_secret=facts.get(SECRET),
        )
        if secret is not None and SECRET not in facts:
            self.secrets[row.client_id] = secret
        self._keep_picture(row, None)
        self._turn(row, is_off=facts[OFF])

    def change(self, row: Client, facts: Facts) -> None:
        """Replace its metadata, give it the secret that the file refers to, switch it."""
        before = row.extra.get("logo_uri")
        if set(differences(self.facts_of(row), facts)) - {OFF}:
            self.registry.replace(row.client_id, **_arguments(facts))
        if SECRET in facts:
            self.registry.rotate_secret(row.client_id, secret=facts[SECRET])
        self._keep_picture(row, before)
        self._turn(row, is_off=facts[OFF])

    def delete(self, row: Client) -> None:
        """Remove one with its tokens and consents."""
        self.registry.delete(row.client_id)

    def _turn(self, row: Client, *, is_off: bool) -> None:
        if is_off is (row.disabled_at is not None):
            return
        turn = self.switch.turn_off if is_off else self.switch.turn_on
        turn(row.client_id, by=None)

    def _keep_picture(self, row: Client, before: str | None) -> None:
        after = row.extra.get("logo_uri")
        if after != before:
            self.logos.keep(row, self.pictures.get(after) if after else None)

    def _complete(
        self, members: Mapping[str, Any], profile: str
    ) -> tuple[Facts, Faults]:
        return client_rules.complete(
            {"scope": EVERY_SCOPE, **members},
            self.registry.offer(),
            profile=profile,
            by_operator=True,
        )

    def _faults_beside(self, given: Facts, row: Client | None) -> Faults:
        faults: Faults = {
            name: ["No member of a registration (RFC 7591)."]
            for name in given
            if name not in BESIDE and not client_rows.is_member(name)
        }
        faults |= self._faults_of_id(given["client_id"], row)
        if given.get("profile", "oidc") not in PROFILES:
            faults["profile"] = [f"One of {', '.join(PROFILES)}."]
        for name in ("skip_consent", OFF):
            if not isinstance(given.get(name, False), bool):
                faults[name] = ["must be true or false."]
        life = given.get(LIFE, 1)
        if type(life) is not int or not 0 < life <= MAX_SECONDS:
            faults[LIFE] = ["must be a number of seconds."]
        if _has_odd_names(given.get("jwks")):
            faults["jwks"] = ["has a name of a key that is no text: put it in quotes."]
        if SECRET in given and not is_strong(given[SECRET]):
            faults[SECRET] = [WEAK]
        return faults

    def _faults_of_id(self, client_id: str, row: Client | None) -> Faults:
        if not client_id or not is_plain(client_id):
            said = f"1 to {MAX_CLIENT_ID} visible ASCII characters (RFC 6749 A.1)."
            return {"client_id": [said]}
        if client_id == OWN_CLIENT:
            return {"client_id": ["This client is the server's own."]}
        if row is None and self.registry.is_taken(client_id):
            return {"client_id": ["This client has registered itself."]}
        return {}


def _has_odd_names(jwks: Any) -> bool:
    """Whether a ``kid`` is a number, which would be left out in silence."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    names = [key.get("kid", "") for key in keys or () if isinstance(key, dict)]
    return not all(isinstance(name, str) for name in names)


def _wants_secret(members: Mapping[str, Any]) -> bool:
    method = members["token_endpoint_auth_method"]
    by_secret = client_metadata.needs_secret(method)
    return by_secret or client_metadata.needs_readable_secret(members)


def _arguments(facts: Facts) -> dict[str, Any]:
    """Write an entry as ``Clients.register`` and ``replace`` take it."""
    named = {argument: facts[member] for member, argument in ARGUMENTS.items()}
    own = {*ARGUMENTS, "client_id", "profile", "skip_consent", OFF, SECRET}
    return named | {
        "profile": facts["profile"],
        "skip_consent": facts["skip_consent"],
        "extra": {name: value for name, value in facts.items() if name not in own},
    }
