"""The one composition root: builds the core from settings and adapters.

Reading it top to bottom says what depends on what.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from authserver.adapters.breach import BreachedPasswords
from authserver.adapters.geo import open_geo
from authserver.adapters.mailer import FileMailer, Mailer, SmtpMailer
from authserver.adapters.throttle import Throttle
from authserver.adapters.user_agent import UserAgents
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import Audit
from authserver.core.challenges import Challenges
from authserver.core.checks import Checks
from authserver.core.clients import Clients
from authserver.core.consents import Consents
from authserver.core.cpf import Cpfs
from authserver.core.first_seen import FirstSeen
from authserver.core.grants import Grants
from authserver.core.interactions import Interactions
from authserver.core.keys import Keys
from authserver.core.letters import Letters, Render
from authserver.core.magic_link import MagicLink
from authserver.core.mfa import Mfa
from authserver.core.outbox import Outbox
from authserver.core.own_tokens import OwnTokens
from authserver.core.pairs import Pairs
from authserver.core.password_proof import PasswordProof
from authserver.core.passwords import Passwords
from authserver.core.people import People
from authserver.core.proofs import Proofs
from authserver.core.pushed_requests import PushedRequests
from authserver.core.recovery import Recovery
from authserver.core.refresh import Refresh
from authserver.core.roles import Roles
from authserver.core.sectors import Sectors
from authserver.core.sessions import Sessions
from authserver.core.signin import SignIn
from authserver.core.signup import SignUp
from authserver.core.surroundings import Surroundings
from authserver.core.targeting import Targeting
from authserver.core.tokens import Tokens
from authserver.core.users import Users
from authserver.crypto.chain import Chain
from authserver.crypto.password_hash import PasswordHasher
from authserver.crypto.sealed import Sealer, load_or_create_key, parse_key
from authserver.errors import ConfigError, Unavailable
from authserver.models import RateLimit, db
from authserver.models.engines import Reads
from authserver.services.outside import OutsideParts

KEY_FILE = "key-encryption.key"


@dataclass(frozen=True)
class Services(OutsideParts):
    """Everything a face may call."""

    settings: Settings
    clock: Clock
    reads: Reads
    ticket_key: bytes
    audit_chain: Chain
    audit: Audit
    outbox: Outbox
    letters: Letters
    challenges: Challenges
    users: Users
    cpfs: Cpfs
    people: People
    passwords: Passwords
    proof: PasswordProof
    sessions: Sessions
    mfa: Mfa
    signin: SignIn
    signup: SignUp
    recovery: Recovery
    magic_link: MagicLink
    own_tokens: OwnTokens
    clients: Clients
    consents: Consents
    keys: Keys
    sectors: Sectors
    interactions: Interactions
    pushed_requests: PushedRequests
    tokens: Tokens
    refresh: Refresh
    pairs: Pairs
    roles: Roles
    grants: Grants
    proofs: Proofs
    checks: Checks
    throttle: Throttle
    mailer: Mailer

    def readiness(self) -> dict[str, str]:
        """Say of each thing we need whether it is there: ok, degraded, or why not."""
        found = {"database": "ok", "keys": "ok"}
        try:
            self.reads.all(text("SELECT 1"))
        except SQLAlchemyError:
            return {"database": "unreachable", "keys": "unknown"}
        try:
            self.keys.signer()
        except (Unavailable, SQLAlchemyError):
            found["keys"] = "missing: run `authserver db upgrade`"
        found["limits"] = "degraded" if self.throttle.degraded else "ok"
        return found


def build(
    settings: Settings,
    *,
    render: Render,
    clock: Clock | None = None,
    may_create_key: bool = False,
) -> Services:
    """Build the core.

    Args:
        settings: What the operator decided.
        render: Makes a letter's subject, text and HTML.
        clock: A stopped one, in tests.
        may_create_key: Make the key-encryption key when there is none, also in
            production: what ``authserver db upgrade`` does.

    Raises:
        ConfigError: In production there is no key-encryption key.
    """
    clock = clock or Clock()
    session: Any = db.session
    root = key_encryption_keys(settings, may_create=may_create_key)
    sealer = Sealer(root)
    pepper = secret_of(settings.refresh_secret, root[0], "token pepper")
    tickets = secret_of(settings.jwt_secret, root[0], "internal tickets")
    reads = Reads(settings.database_url, pool_size=settings.threads)
    surroundings = Surroundings(UserAgents(), open_geo(settings.geo_database))
    audit = Audit(session, clock, surroundings)
    outbox = Outbox(session, reads, clock, sealer)
    throttle = build_throttle(settings, reads)
    letters = Letters(settings, clock, outbox, render, throttle, surroundings)
    challenges = Challenges(session, clock, pepper)
    users = Users(session, clock, audit)
    cpf_keys = tuple(secret_of("", key, "cpf index") for key in root)
    cpfs = Cpfs(session, sealer, cpf_keys)
    hasher = PasswordHasher(
        memory_kib=settings.argon2_memory_kib,
        algorithm=settings.password_hasher,
        bcrypt_rounds=settings.bcrypt_rounds,
    )
    breached = BreachedPasswords().is_breached
    passwords = Passwords(session, settings, clock, hasher, breached, audit, letters)
    sessions = Sessions(session, reads, clock, settings, audit, surroundings, pepper)
    mfa = Mfa(session, clock, settings, sealer, audit, letters, throttle, pepper)
    proof = PasswordProof(passwords, sessions, audit, throttle)
    first_seen = FirstSeen(session, challenges, letters, audit)
    signin = SignIn(users, proof, sessions, challenges, mfa, first_seen, audit)
    signup = SignUp(
        settings=settings,
        users=users,
        passwords=passwords,
        cpfs=cpfs,
        sessions=sessions,
        challenges=challenges,
        letters=letters,
        limiter=throttle,
        audit=audit,
        signin=signin,
    )
    keys = Keys(session, reads, clock, settings, sealer, audit)
    clients = Clients(session, clock, audit, sealer, pepper, reads, keys)
    sectors = Sectors(session, reads, sealer)
    targeting = Targeting.over(session, reads, clock, settings, keys, audit)
    tokens = Tokens(session, clock, settings, keys, targeting, audit, sectors)
    refresh = Refresh(session, clock, settings, tokens, audit, letters, pepper)
    pairs = Pairs(clock, settings, clients, tokens, refresh, sessions)
    proofs = Proofs(reads, clock, settings, secret_of("", root[0], "dpop nonce"))
    checks = Checks(
        reads, clock, settings, keys, tokens, audit, proofs, token_pepper=pepper
    )
    return Services(
        settings=settings,
        clock=clock,
        reads=reads,
        ticket_key=tickets,
        audit_chain=Chain([secret_of("", key, "audit chain") for key in root]),
        audit=audit,
        outbox=outbox,
        letters=letters,
        challenges=challenges,
        users=users,
        cpfs=cpfs,
        people=People(session, clock, settings, users, passwords, challenges, letters),
        passwords=passwords,
        proof=proof,
        sessions=sessions,
        mfa=mfa,
        signin=signin,
        signup=signup,
        recovery=Recovery(
            settings=settings,
            users=users,
            passwords=passwords,
            sessions=sessions,
            challenges=challenges,
            verification=signup,
            letters=letters,
            audit=audit,
        ),
        magic_link=MagicLink(
            settings=settings,
            users=users,
            challenges=challenges,
            verification=signup,
            signin=signin,
            letters=letters,
            limiter=throttle,
            audit=audit,
        ),
        own_tokens=OwnTokens(checks, sessions, tokens, pairs),
        clients=clients,
        consents=Consents(session, clock, audit),
        keys=keys,
        sectors=sectors,
        interactions=Interactions(session, reads, clock, settings),
        pushed_requests=PushedRequests(session, reads, clock, settings),
        tokens=tokens,
        refresh=refresh,
        pairs=pairs,
        roles=Roles(session, reads, clock, audit),
        grants=Grants(session, clock, settings, tokens, audit),
        proofs=proofs,
        checks=checks,
        throttle=throttle,
        mailer=build_mailer(settings),
    )


def build_throttle(settings: Settings, reads: Reads) -> Throttle:
    """Count tries in Redis, or in the database when there is none."""
    limits = {
        "signin:account": settings.signin_limits,
        "mfa:account": settings.mfa_limits,
        "code:account": settings.signin_limits,
        "signup:account": settings.signin_limits,
        "letter:address": settings.letter_limits,
        "registration:network": settings.registration_limits,
        "documents:network": settings.registration_limits,
    }
    return Throttle(
        limits if settings.rate_limits else {},
        redis_url=settings.redis_url or None,
        engine=reads.engine,
        table=RateLimit.__table__,
    )


def build_mailer(settings: Settings) -> Mailer:
    """Deliver by SMTP, or into files when no server is named."""
    if not settings.mail_host:
        return FileMailer(settings.mail_dir)
    return SmtpMailer(
        host=settings.mail_host,
        port=settings.mail_port,
        username=settings.mail_user or None,
        password=settings.mail_password or None,
        ca_file=settings.mail_ca_file or None,
    )


def key_encryption_keys(settings: Settings, *, may_create: bool) -> list[bytes]:
    """Give the keys that seal, the one in use first."""
    if settings.key_encryption_key:
        return [parse_key(key) for key in settings.key_encryption_key.split(",")]
    path: Path = settings.keys_dir / KEY_FILE
    if settings.is_production and not may_create and not path.exists():
        msg = (
            f"KEY_ENCRYPTION_KEY: is not set and {path} does not exist; "
            "`authserver db upgrade` makes it."
        )
        raise ConfigError(msg)
    return [load_or_create_key(path)]


def secret_of(chosen: str, root: bytes, purpose: str) -> bytes:
    """Give the secret that the operator chose, or one derived for this purpose."""
    if chosen:
        return chosen.encode()
    kdf = HKDF(hashes.SHA256(), length=32, salt=None, info=purpose.encode())
    return kdf.derive(root)
