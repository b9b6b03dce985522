"""What the core stands on: limits, mail, and the secrets all others come from."""

from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from authserver.adapters.mailer import FileMailer, Mailer, SmtpMailer
from authserver.adapters.throttle import Throttle
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.doctor import Doctor
from authserver.core.finding import Ward
from authserver.crypto.sealed import load_or_create_key, parse_key
from authserver.errors import ConfigError
from authserver.models import RateLimit
from authserver.models.engines import Reads

KEY_FILE = "key-encryption.key"


def build_throttle(settings: Settings, reads: Reads) -> Throttle:
    """Count tries in Redis, or in the database when there is none."""
    limits = {
        "signin:account": settings.signin_limits,
        "mfa:account": settings.mfa_limits,
        "code:account": settings.signin_limits,
        "signup:account": settings.signin_limits,
        "letter:address": settings.letter_limits,
        "work:network": settings.proof_of_work_free,
        "work:all": settings.proof_of_work_free_all,
        "work:failures": settings.proof_of_work_free_tries,
        "work:letters": settings.proof_of_work_free_tries,
        "registration:network": settings.registration_limits,
        "documents:network": settings.registration_limits,
        "device:network": settings.public_limits,
        "backchannel:account": settings.backchannel_limits,
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


def build_doctor(settings: Settings, clock: Clock | None = None) -> Doctor:
    """Make the doctor of a node, also of one on which nothing else can be built."""
    ward = Ward(
        settings=settings,
        key_file=settings.keys_dir / KEY_FILE,
        sealing_keys=lambda: key_encryption_keys(settings, may_create=False),
        open_mailer=lambda: build_mailer(settings),
    )
    return Doctor(ward, clock or Clock())


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
