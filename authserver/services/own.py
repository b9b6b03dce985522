"""What people do with their own account: services of the core, made when asked for.

``Services`` is one of these; here stands what depends on what, as in ``services.build``.
"""

from functools import cached_property

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.answers import Answers
from authserver.core.app_grants import AppGrants
from authserver.core.audit import Audit
from authserver.core.audit_check import AuditCheck
from authserver.core.audit_seal import AuditSeal
from authserver.core.brands import Brands
from authserver.core.ceremonies import Ceremonies
from authserver.core.challenges import Challenges
from authserver.core.consents import Consents
from authserver.core.cpf import Cpfs
from authserver.core.deletion import Deletion
from authserver.core.email_change import EmailChanges
from authserver.core.export import Export
from authserver.core.housekeeping import Housekeeping
from authserver.core.letters import Letters
from authserver.core.logs import Logs
from authserver.core.mfa import Mfa
from authserver.core.own_mfa import OwnMfa
from authserver.core.passkeys import Passkeys
from authserver.core.password_change import PasswordChange
from authserver.core.password_proof import PasswordProof
from authserver.core.passwords import Passwords
from authserver.core.presence import Presence
from authserver.core.profiles import Profiles
from authserver.core.recovery import Recovery
from authserver.core.rescue import Rescue
from authserver.core.roles import Roles
from authserver.core.sessions import Sessions
from authserver.core.signin import SignIn
from authserver.core.step_up import StepUp
from authserver.core.terms import Terms
from authserver.core.timeline import Timeline
from authserver.core.tokens import Tokens
from authserver.core.users import Users
from authserver.core.whereabouts import Whereabouts
from authserver.crypto.chain import Chain
from authserver.models import db
from authserver.models.engines import Reads


class AccountParts:
    """Of what ``Services`` holds, what an account's owner needs."""

    settings: Settings
    clock: Clock
    reads: Reads
    ticket_key: bytes
    audit_chain: Chain
    audit: Audit
    letters: Letters
    challenges: Challenges
    users: Users
    cpfs: Cpfs
    passwords: Passwords
    proof: PasswordProof
    sessions: Sessions
    mfa: Mfa
    signin: SignIn
    recovery: Recovery
    consents: Consents
    roles: Roles
    tokens: Tokens

    @cached_property
    def profiles(self) -> Profiles:
        """Shows and changes accounts for those whose they are."""
        return Profiles(
            db.session,
            self.clock,
            self.settings,
            self.users,
            self.cpfs,
            self.audit,
        )

    @cached_property
    def brands(self) -> Brands:
        """Keeps what people see of this deployment."""
        return Brands(db.session, self.reads, self.clock, self.settings, self.audit)

    @cached_property
    def presence(self) -> Presence:
        """Asks somebody who is signed in to prove it."""
        return Presence(self.sessions, self.signin)

    @cached_property
    def password_change(self) -> PasswordChange:
        """Changes passwords."""
        return PasswordChange(
            self.users, self.passwords, self.proof, self.sessions, self.challenges
        )

    @cached_property
    def own_mfa(self) -> OwnMfa:
        """What owners do with their second factor."""
        return OwnMfa(self.users, self.mfa, self.presence, self.letters, self.audit)

    @cached_property
    def passkeys(self) -> Passkeys:
        """Keeps passkeys, and lets people in by them."""
        return Passkeys(
            db.session,
            self.clock,
            self.settings,
            self.users,
            self.signin,
            self.presence,
            Ceremonies(self.clock, self.tokens, self.ticket_key),
            self.letters,
            self.audit,
        )

    @cached_property
    def rescue(self) -> Rescue:
        """Gives accounts back."""
        return Rescue(
            db.session,
            self.clock,
            self.users,
            self.challenges,
            self.sessions,
            self.recovery,
            self.audit,
        )

    @cached_property
    def email_changes(self) -> EmailChanges:
        """Changes addresses, and undoes it."""
        return EmailChanges(
            db.session,
            self.settings,
            self.users,
            self.challenges,
            self.presence,
            self.sessions,
            self.rescue,
            self.letters,
            self.audit,
        )

    @cached_property
    def whereabouts(self) -> Whereabouts:
        """Lists sessions, and ends them."""
        return Whereabouts(db.session, self.clock, self.sessions)

    @cached_property
    def terms(self) -> Terms:
        """Records what people accept."""
        return Terms(db.session, self.clock, self.settings, self.audit)

    @cached_property
    def step_up(self) -> StepUp:
        """Lifts sessions to a higher class."""
        return StepUp(self.users, self.mfa, self.passkeys, self.sessions)

    @cached_property
    def app_grants(self) -> AppGrants:
        """Lists what apps were granted, and withdraws it."""
        return AppGrants(db.session, self.clock, self.consents)

    @cached_property
    def timeline(self) -> Timeline:
        """Lists what happened."""
        return Timeline(self.logs)

    @cached_property
    def logs(self) -> Logs:
        """Looks through the logs."""
        return Logs(self.reads)

    @cached_property
    def export(self) -> Export:
        """Gathers what belongs to one person."""
        return Export(
            db.session, self.clock, self.users, self.cpfs, self.sessions, self.audit
        )

    @cached_property
    def deletion(self) -> Deletion:
        """Deletes accounts, gives them back, and makes them nobody's."""
        return Deletion(
            db.session,
            self.clock,
            self.settings,
            self.users,
            self.roles,
            self.sessions,
            self.challenges,
            self.presence,
            self.letters,
            self.audit,
        )

    @cached_property
    def housekeeping(self) -> Housekeeping:
        """Deletes what is over."""
        return Housekeeping(
            db.session, self.clock, self.settings, self.deletion, self.audit_seal
        )

    @cached_property
    def audit_seal(self) -> AuditSeal:
        """Seals the lines of the security log."""
        return AuditSeal(db.session, self.reads, self.clock, self.audit_chain)

    @cached_property
    def audit_check(self) -> AuditCheck:
        """Checks the chain of the security log."""
        return AuditCheck(self.reads, self.audit_chain)

    @cached_property
    def answers(self) -> Answers:
        """Remembers answers for a day."""
        return Answers(db.session, self.clock, self.cpfs.sealer, self.ticket_key)
