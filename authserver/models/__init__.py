"""The tables.  ``db`` is Flask-SQLAlchemy over them; see ``engines`` for connections."""

from authserver.models.audit import AuditChain, LoginRecord, SecurityEvent
from authserver.models.base import Base, db
from authserver.models.challenge import Challenge
from authserver.models.client import (
    Client,
    ClientLogo,
    ClientSecret,
    InitialToken,
)
from authserver.models.connection import ConnectionAttempt, OAuthProvider
from authserver.models.consent import ClientConsent, TermsConsent
from authserver.models.detail_type import DetailType
from authserver.models.flow import RefusedRequest
from authserver.models.grant import AuthorizationCode, PushedRequest
from authserver.models.interaction import Interaction
from authserver.models.notice import Notice
from authserver.models.passkey import Passkey
from authserver.models.polled import BackchannelRequest, DeviceGrant
from authserver.models.resource import Resource
from authserver.models.role import Role, UserRole
from authserver.models.session import Session
from authserver.models.stream import EventStream, StreamSubject
from authserver.models.system import (
    OutboxLetter,
    Preference,
    RateLimit,
    RememberedAnswer,
    StoredKey,
)
from authserver.models.token import (
    RefreshToken,
    RevokedToken,
    SpentAssertion,
    SpentProof,
    TokenFamily,
)
from authserver.models.trusted_device import TrustedDevice
from authserver.models.user import Institution, User, UserInstitution

__all__ = [
    "AuditChain",
    "AuthorizationCode",
    "BackchannelRequest",
    "Base",
    "Challenge",
    "Client",
    "ClientConsent",
    "ClientLogo",
    "ClientSecret",
    "ConnectionAttempt",
    "DetailType",
    "DeviceGrant",
    "EventStream",
    "InitialToken",
    "Institution",
    "Interaction",
    "LoginRecord",
    "Notice",
    "OAuthProvider",
    "OutboxLetter",
    "Passkey",
    "Preference",
    "PushedRequest",
    "RateLimit",
    "RefreshToken",
    "RefusedRequest",
    "RememberedAnswer",
    "Resource",
    "RevokedToken",
    "Role",
    "SecurityEvent",
    "Session",
    "SpentAssertion",
    "SpentProof",
    "StoredKey",
    "StreamSubject",
    "TermsConsent",
    "TokenFamily",
    "TrustedDevice",
    "User",
    "UserInstitution",
    "UserRole",
    "db",
]
