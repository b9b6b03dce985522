"""The one composition root: builds the core from settings and adapters.

Reading it top to bottom says what depends on what.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from authserver.adapters.breach import BreachedPasswords
from authserver.adapters.fetcher import Fetcher
from authserver.adapters.geo import open_geo
from authserver.adapters.mailer import Mailer
from authserver.adapters.throttle import Throttle
from authserver.adapters.user_agent import UserAgents
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import Audit
from authserver.core.challenges import Challenges
from authserver.core.checks import Checks
from authserver.core.client_key_sets import ClientKeySets
from authserver.core.client_messages import ClientMessages
from authserver.core.clients import Clients
from authserver.core.consents import Consents
from authserver.core.cpf import Cpfs
from authserver.core.endings import Endings
from authserver.core.first_seen import FirstSeen
from authserver.core.front_channel import FrontChannel
from authserver.core.grants import Grants
from authserver.core.interactions import Interactions
from authserver.core.keys import Keys
from authserver.core.letters import Letters, Render
from authserver.core.magic_link import MagicLink
from authserver.core.mfa import Mfa
from authserver.core.notices import Notices
from authserver.core.outbox import Outbox
from authserver.core.own_tokens import OwnTokens
from authserver.core.pairs import Pairs
from authserver.core.password_proof import PasswordProof
from authserver.core.passwords import Passwords
from authserver.core.people import People
from authserver.core.proof_of_work import ProofOfWork
from authserver.core.proofs import Proofs
from authserver.core.pushed_requests import PushedRequests
from authserver.core.recovery import Recovery
from authserver.core.refresh import Refresh
from authserver.core.roles import Roles
from authserver.core.sectors import Sectors
from authserver.core.sessions import Sessions
from authserver.core.signals import Signals
from authserver.core.signin import SignIn
from authserver.core.signup import SignUp
from authserver.core.surroundings import Surroundings
from authserver.core.targeting import Targeting
from authserver.core.tokens import Tokens
from authserver.core.trusted_devices import TrustedDevices
from authserver.core.userinfo import UserInfo
from authserver.core.users import Users
from authserver.crypto.chain import Chain
from authserver.crypto.password_hash import PasswordHasher
from authserver.crypto.sealed import Sealer
from authserver.errors import Unavailable
from authserver.models import db
from authserver.models.engines import Reads
from authserver.services.grants import GrantParts
from authserver.services.ground import (
    build_mailer,
    build_throttle,
    key_encryption_keys,
    secret_of,
)
from authserver.services.outside import open_fetcher


@dataclass(frozen=True)
class Services(GrantParts):
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
    client_key_sets: ClientKeySets
    messages: ClientMessages
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
    front_channel: FrontChannel
    checks: Checks
    userinfo: UserInfo
    throttle: Throttle
    mailer: Mailer
    open_fetcher: Callable[[], Fetcher]

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
        ConfigError: In production there is no key-encryption key; or MTLS_CA_FILE
            holds no certificate.
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
    notices, signals = Notices(session, reads, clock, audit), Signals(session, clock)
    endings = Endings(session, clock, audit, notices, signals)
    sessions = Sessions(session, reads, clock, settings, endings, surroundings, pepper)
    mfa = Mfa(session, clock, settings, sealer, audit, letters, throttle, pepper)
    proof = PasswordProof(passwords, sessions, audit, throttle)
    first_seen = FirstSeen(session, challenges, letters, audit)
    trusted = TrustedDevices(session, clock, settings, sessions, surroundings, audit)
    signin = SignIn(users, proof, sessions, challenges, mfa, trusted, first_seen, audit)
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
        work=ProofOfWork(session, clock, settings, throttle, tickets),
    )
    keys = Keys(session, reads, clock, settings, sealer, audit)
    clients = Clients(session, clock, audit, sealer, pepper, reads, keys)
    sectors = Sectors(session, reads, sealer)
    ask_others = cache(lambda: open_fetcher(settings))
    # One thread is always left for those who need nobody's keys.
    turns = threading.Semaphore(max(1, settings.threads - 1))
    client_key_sets = ClientKeySets(clock, ask_others, turns)
    messages = ClientMessages(keys, client_key_sets)
    targeting = Targeting.over(session, reads, clock, settings, keys, audit)
    tokens = Tokens(session, clock, settings, keys, targeting, audit, sectors, messages)
    grants = Grants(session, clock, settings, tokens, audit, reads)
    refresh = Refresh(session, clock, settings, tokens, audit, letters, pepper, reads)
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
        client_key_sets=client_key_sets,
        messages=messages,
        consents=Consents(session, clock, audit),
        keys=keys,
        sectors=sectors,
        interactions=Interactions(session, reads, clock, settings),
        pushed_requests=PushedRequests(session, reads, clock, settings),
        tokens=tokens,
        refresh=refresh,
        pairs=pairs,
        roles=Roles(session, reads, clock, audit),
        grants=grants,
        proofs=proofs,
        front_channel=FrontChannel(session, grants, tokens),
        checks=checks,
        userinfo=UserInfo(settings, checks, clients, messages),
        throttle=throttle,
        mailer=build_mailer(settings),
        open_fetcher=ask_others,
    )
