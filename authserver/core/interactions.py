"""Which step comes next for an authorization request: sign in, consent, done.

Pages return to one dispatcher, never to each other; what comes next is decided here,
by a pure function over what was asked and who is there (OIDC Core §3.1.2).
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import acr as acr_of
from authserver.core.device import here
from authserver.errors import (
    AccountSelectionRequired,
    AuthError,
    ConsentRequired,
    InteractionRequired,
    LoginRequired,
    UnmetAuthentication,
)
from authserver.models.constants import Constant
from authserver.models.engines import Reads
from authserver.models.interaction import Interaction as Stored

MOST_TIMES = 10
"""How often as long as it may take a request can be made to wait (WCAG 2.2.1)."""

PROMPTS = frozenset({"none", "login", "consent", "select_account", "create"})


class Step(StrEnum):
    """What the person has to do."""

    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"
    CHOOSE_ACCOUNT = "choose_account"
    STEP_UP = "step_up"
    CONSENT = "consent"
    DONE = "done"


@dataclass(frozen=True)
class Ask:
    """What a request wants of the person (OIDC Core §3.1.2.1)."""

    asked_at: datetime
    prompt: frozenset[str] = frozenset()
    max_age: timedelta | None = None
    subject: uuid.UUID | None = None
    """The user that ``id_token_hint`` or a ``sub`` claim names."""
    essential_acr: frozenset[str] = frozenset()
    acr_values: frozenset[str] = frozenset()
    """The classes of ours of which one is wished for, or must be."""


@dataclass(frozen=True)
class Standing:
    """Who is there, and what they have done for this request so far."""

    signed_in_at: datetime | None = None
    user_id: uuid.UUID | None = None
    acr: str = ""
    reach: str = ""
    """The class that a further proof could reach; looked up where it matters."""
    has_consented: bool = False
    consented_at: datetime | None = None
    account_chosen_at: datetime | None = None
    others_are_here: bool = False
    """Nobody is signed in, but sessions of people lie in this browser."""


def next_step(ask: Ask, who: Standing, now: datetime) -> Step:
    """Decide, and only decide: no database, no session, no redirect.

    A sign-in or choice made after the request satisfies its prompt once.
    """
    if who.signed_in_at is None:
        return _first_step(ask, who)
    if ask.subject is not None and who.user_id != ask.subject:
        return Step.SIGN_IN
    is_fresh = who.signed_in_at >= ask.asked_at
    if "login" in ask.prompt and not is_fresh:
        return Step.SIGN_IN
    is_old = ask.max_age is not None and now - who.signed_in_at > ask.max_age
    if is_old and not is_fresh:
        return Step.SIGN_IN
    if "select_account" in ask.prompt and not is_fresh and not who.account_chosen_at:
        return Step.CHOOSE_ACCOUNT
    if lacks_acr(ask, who.acr) and acr_of.satisfies(ask.acr_values, who.reach):
        return Step.STEP_UP
    has_just_consented = who.consented_at is not None
    if "consent" in ask.prompt and not has_just_consented:
        return Step.CONSENT
    return Step.DONE if who.has_consented or has_just_consented else Step.CONSENT


def _first_step(ask: Ask, who: Standing) -> Step:
    """Nobody is signed in: which page begins."""
    if "create" in ask.prompt:
        return Step.SIGN_UP
    # A hint that names one of them has found them; a new sign-in wants no old session.
    is_open = ask.subject is None and "login" not in ask.prompt
    return Step.CHOOSE_ACCOUNT if who.others_are_here and is_open else Step.SIGN_IN


def silent_refusal(step: Step) -> AuthError:
    """Say what ``prompt=none`` cannot do (OIDC Core §3.1.2.6)."""
    return {
        Step.SIGN_IN: LoginRequired("prompt=none, and nobody fitting is signed in"),
        Step.SIGN_UP: InteractionRequired("prompt=none with create"),
        Step.CHOOSE_ACCOUNT: AccountSelectionRequired("prompt=none, several accounts"),
        Step.STEP_UP: InteractionRequired("prompt=none, and another proof is due"),
        Step.CONSENT: ConsentRequired("prompt=none, and consent is missing"),
    }[step]


def lacks_acr(ask: Ask, acr: str) -> bool:
    """Whether a class is asked for that the sign-in has not reached."""
    return bool(ask.acr_values) and not acr_of.satisfies(ask.acr_values, acr)


def check_acr(ask: Ask, acr: str) -> None:
    """Refuse when an essential ``acr`` was not reached (OIDC Core §5.5.1.1).

    Raises:
        UnmetAuthentication: The sign-in is of another class than was demanded.
    """
    if ask.essential_acr and not acr_of.satisfies(ask.essential_acr, acr):
        raise UnmetAuthentication(f"acr {acr} is not among the essential ones")


@dataclass(frozen=True)
class Interaction:
    """A request that waits, as it was when a page asked for it."""

    id: uuid.UUID
    client_id: uuid.UUID
    request: dict[str, Any]
    created_at: datetime
    expires_at: datetime
    account_chosen_at: datetime | None = None
    consented_at: datetime | None = None
    consented_by: uuid.UUID | None = None
    granted_scope: str | None = None
    denied_at: datetime | None = None
    finished_at: datetime | None = None
    pushed_id: uuid.UUID | None = None
    """The pushed request that it came by: its answer spends that too."""
    device_id: uuid.UUID | None = None


_found = Constant(
    select(*(getattr(Stored, each.name) for each in fields(Interaction))).where(
        Stored.id == bindparam("interaction_id")
    )
)


@dataclass(frozen=True)
class Interactions:
    """Authorization requests that wait for a person."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    settings: Settings

    def begin(
        self,
        client_id: uuid.UUID,
        request: Mapping[str, Any],
        asked_at: datetime,
        *,
        pushed_id: uuid.UUID | None = None,
        device_id: uuid.UUID | None = None,
    ) -> Interaction:
        """Keep a checked request, or a device's, until its person is through."""
        row = Interaction(
            id=uuid.uuid4(),
            client_id=client_id,
            request=dict(request),
            created_at=asked_at,
            expires_at=asked_at + self.settings.interaction_ttl,
            pushed_id=pushed_id,
            device_id=device_id,
        )
        self.db.add(Stored(**vars(row), trace_id=here.get().trace_id))
        return row

    def find(self, interaction_id: str | uuid.UUID | None) -> Interaction | None:
        """Give an interaction by the id in the URL, finished or not."""
        try:
            key = uuid.UUID(str(interaction_id))
        except ValueError:
            return None
        row = self.reads.first(_found, {"interaction_id": key})
        return Interaction(**row._asdict()) if row is not None else None

    def is_open(self, row: Interaction) -> bool:
        """Whether it still waits."""
        return row.finished_at is None and row.expires_at > self.clock.now()

    def put_off(self, row: Interaction) -> datetime | None:
        """Give a person more time, ten times what there was at most; give the end.

        None for a request that has been answered or is over meanwhile.
        """
        now, life = self.clock.now(), self.settings.interaction_ttl
        ends = min(now + life, row.created_at + MOST_TIMES * life)
        put_off = self.db.scalar(
            update(Stored)
            .where(
                Stored.id == row.id,
                Stored.finished_at.is_(None),
                Stored.expires_at > now,
            )
            .values(expires_at=ends)
            .returning(Stored.expires_at)
            .execution_options(synchronize_session=False)
        )
        return ends if put_off is not None else None

    def note_consent(
        self, row: Interaction, user_id: uuid.UUID, scopes: Iterable[str]
    ) -> None:
        """Note a fresh consent: whose it is, and to what."""
        self._note(
            row,
            consented_at=self.clock.now(),
            consented_by=user_id,
            granted_scope=" ".join(scopes),
        )

    def note_denial(self, row: Interaction) -> None:
        """Note that the person said no."""
        self._note(row, denied_at=self.clock.now())

    def note_account(self, row: Interaction) -> None:
        """Note that the person chose the account that is signed in."""
        self._note(row, account_chosen_at=self.clock.now())

    def _note(self, row: Interaction, **facts: Any) -> None:
        self.db.execute(update(Stored).where(Stored.id == row.id).values(**facts))

    def finish(self, row: Interaction) -> bool:
        """Take the one answer that an interaction gives; False when it was taken."""
        taken = self.db.scalar(
            update(Stored)
            .where(Stored.id == row.id, Stored.finished_at.is_(None))
            .values(finished_at=self.clock.now())
            .returning(Stored.id)
            .execution_options(synchronize_session=False)
        )
        return taken is not None
