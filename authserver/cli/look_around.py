"""What `authserver doctor` sees around this node: database, keys, mail, Redis, time."""

import smtplib
import ssl
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from authserver.adapters.mailer import SmtpMailer
from authserver.adapters.throttle import Throttle
from authserver.cli.finding import Finding, ill, well
from authserver.cli.look_here import has_sealing_key
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.keys import DEFAULT_ALG
from authserver.crypto.sealed import SealBroken, Sealer
from authserver.errors import ConfigError
from authserver.models import Notice, StoredKey, migrations
from authserver.models.state import connection_to
from authserver.services import build_mailer, key_encryption_keys

MOST_SKEW = timedelta(seconds=30)
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier moment."""


def database(settings: Settings) -> list[Finding]:
    """The tables must be those that this release knows."""
    found = migrations.state(settings)
    if found.is_current:
        return well("database", str(found))
    said, _, cure = str(found).rpartition(": ")
    return ill("database", f"{said}.", cure[:1].upper() + cure[1:])


def signing_keys(settings: Settings) -> list[Finding]:
    """Each algorithm that is offered needs a key that opens with the key at hand."""
    what = "signing keys"
    upgrade = "Run `authserver db upgrade`."
    if not migrations.state(settings).is_current:
        return ill(what, "The database does not have them yet.", upgrade)
    with connection_to(settings) as connection:
        rows = connection.execute(
            select(StoredKey.kid, StoredKey.alg, StoredKey.private_sealed).where(
                StoredKey.state == "active"
            )
        ).all()
    missing = {DEFAULT_ALG, *settings.signing_algorithms} - {row.alg for row in rows}
    if missing:
        return ill(what, f"No key signs {', '.join(sorted(missing))}.", upgrade)
    if not has_sealing_key(settings):
        said = "They cannot be opened without the key-encryption key."
        return ill(what, said, "Cure that first.")
    sealer = Sealer(key_encryption_keys(settings, may_create=False))
    try:
        for row in rows:
            sealer.open(row.private_sealed, row.kid.encode())
    except SealBroken:
        return ill(
            what,
            "They were sealed with another key-encryption key.",
            "Put that key into KEY_ENCRYPTION_KEY, behind the new one and a comma.",
        )
    algorithms = ", ".join(sorted({row.alg for row in rows}))
    return well(what, f"One key each signs {algorithms}.")


def mail(settings: Settings) -> list[Finding]:
    """Letters must go out: all of a delivery is tried but the letter itself."""
    if not settings.mail_host:
        if not settings.is_production:
            return well("mail", "Letters are kept as files in AUTHSERVER_HOME/mail.")
        said = "No server is named: letters are kept as files, and nobody gets one."
        return ill("mail", said, "Set MAIL_HOST, MAIL_USER, MAIL_PASS and MAIL_FROM.")
    try:
        mailer = build_mailer(settings)
        if isinstance(mailer, SmtpMailer):
            mailer.greet()
    except ConfigError as fault:
        return ill("mail", "The settings do not fit.", str(fault))
    except OSError as fault:  # and every error of smtplib
        return ill("mail", *_why(fault))
    if settings.is_production and "@localhost" in settings.mail_from:
        said = (
            "The server answers, but letters would come from an address at localhost."
        )
        return ill("mail", said, "Set MAIL_FROM to an address of your own domain.")
    return well("mail", "The server answers, and lets us in.")


def _why(fault: OSError) -> tuple[str, str]:
    """Say what was wrong and the cure; never what the server said."""
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return "The server does not let us in.", "Check MAIL_USER and MAIL_PASS."
    if isinstance(fault, ssl.SSLCertVerificationError):
        return (
            "The certificate is not one that this machine trusts for that name.",
            "Check MAIL_HOST; name the issuer's certificate in MAIL_CA_FILE.",
        )
    if isinstance(fault, (smtplib.SMTPNotSupportedError, ssl.SSLError)):
        return (
            "The server does not encrypt as its port says.",
            "Set MAIL_PORT: 465 speaks TLS at once, others by STARTTLS.",
        )
    if isinstance(fault, smtplib.SMTPException):
        return "The server refused.", "Look into its log; then check MAIL_USER."
    return (
        f"The server cannot be reached ({type(fault).__name__}).",
        "Check MAIL_HOST and MAIL_PORT, and what lies between.",
    )


def notices(settings: Settings) -> list[Finding]:
    """Clients must learn that sessions have ended."""
    what = "notices"
    if not migrations.state(settings).is_current:
        return ill(what, "They cannot be read yet.", "Cure the database first.")
    now = Clock().now()
    since, overdue = now - timedelta(days=1), now - timedelta(minutes=10)
    with connection_to(settings) as connection:
        failed = connection.scalar(
            select(func.count()).where(
                Notice.status == "failed", Notice.not_before > since
            )
        )
        late = connection.scalar(
            select(func.count()).where(
                Notice.status == "waiting", Notice.not_before < overdue
            )
        )
    see = "See `authserver notices list --failed`."
    if late:
        said = f"{late} wait for ten minutes and more: nobody sends them."
        return ill(what, said, "Let `serve` run, or `authserver notices deliver`.")
    if failed:
        return ill(what, f"{failed} of the last day were given up.", see)
    return well(what, "Every client that was to be told something has been.")


def redis(settings: Settings) -> list[Finding]:
    """Limits must be counted where all nodes see them."""
    if not settings.redis_url:
        return well("limits", "They are counted in the database.")
    try:
        throttle = Throttle({"doctor": "1/minute"}, redis_url=settings.redis_url)
        throttle.test("doctor", "doctor")
    except ConfigError as fault:
        return ill("limits", "Redis cannot be used.", str(fault))
    if throttle.degraded:
        said = "Redis does not answer: every node counts for itself."
        return ill("limits", said, "Start it, or check REDIS_URL.")
    return well("limits", "They are counted in Redis.")


def time(settings: Settings) -> list[Finding]:
    """Tokens live by the clock: all nodes and the database must agree on it."""
    now, cure = Clock().now(), "Let the machine take its time from an NTP server."
    if now < BUILT:
        return ill("clock", "It is slow by years.", cure)
    if not migrations.state(settings).is_current:
        return well("clock", "It shows a time that can be; there is none to compare.")
    with connection_to(settings) as connection:
        newest = connection.scalar(select(func.max(StoredKey.created_at)))
        theirs = now
        if connection.dialect.name == "postgresql":
            theirs = connection.scalar(select(func.clock_timestamp()))
    # Asked after ours was read: what the question itself took is no skew.
    now = max(now, min(theirs, Clock().now()))
    if abs(theirs - now) > MOST_SKEW:
        seconds = round(abs(theirs - now).total_seconds())
        return ill("clock", f"It is {seconds} s off the database's.", cure)
    if newest and newest - now > MOST_SKEW:
        said = "It is slow: a signing key was made in what it takes for the future."
        return ill("clock", said, cure)
    return well("clock", "Nothing in the database contradicts it.")
