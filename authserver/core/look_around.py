"""What the doctor sees around this node: database, keys, mail, Redis, time."""

import smtplib
import ssl
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from authserver.adapters.mailer import SmtpMailer
from authserver.adapters.throttle import Throttle
from authserver.clock import Clock
from authserver.core.finding import Finding, Ward, ill, well
from authserver.core.keys import DEFAULT_ALG
from authserver.core.look_here import has_sealing_key
from authserver.crypto.sealed import SealBroken, Sealer
from authserver.errors import ConfigError
from authserver.models import Notice, StoredKey
from authserver.models.state import Kind, State, connection_to, state

MOST_SKEW = timedelta(seconds=30)
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier moment."""

UPGRADE = "Run `authserver db upgrade`."
CORRECT = "Correct this setting: %(fault)s."
DATABASE = {
    Kind.BEHIND: ("It is behind this release.", UPGRADE),
    Kind.EMPTY: ("It is empty.", UPGRADE),
    Kind.FOREIGN: (
        "It holds tables that this server did not make.",
        "Run `authserver db adopt` if they are those of an older service, or let "
        "DATABASE_URL name an empty database.",
    ),
    Kind.AHEAD: ("It was upgraded by a newer release.", "Run that release."),
}
"""What is said of a database that will not do, and the cure."""
REACHING = {
    "refuses": "Let its owner run what `authserver db sql` prints.",
    "is held": "Try again when that process has ended.",
    "cannot": "Check DATABASE_URL, and whether the database runs.",
}
"""The cure, by how the reason begins."""


def database(ward: Ward) -> list[Finding]:
    """The tables must be those that this release knows."""
    found = state(ward.settings)
    if found.is_current:
        return well("database", "It is current.")
    if found.kind is Kind.UNREACHABLE:
        return _out_of_reach(found)
    return ill("database", *DATABASE[found.kind])


def _out_of_reach(found: State) -> list[Finding]:
    """Say why, in the words of the driver, without the cure that stands behind them."""
    reason = found.reason.rpartition(": ")[0]
    cure = next(cure for word, cure in REACHING.items() if reason.startswith(word))
    return ill("database", "The database %(reason)s.", cure, reason=reason)


def signing_keys(ward: Ward) -> list[Finding]:
    """Each algorithm that is offered needs a key that opens with the key at hand."""
    what, settings = "signing keys", ward.settings
    if not state(ward.settings).is_current:
        return ill(what, "The database does not have them yet.", UPGRADE)
    with connection_to(ward.settings) as connection:
        rows = connection.execute(
            select(StoredKey.kid, StoredKey.alg, StoredKey.private_sealed).where(
                StoredKey.state == "active"
            )
        ).all()
    missing = {DEFAULT_ALG, *settings.signing_algorithms} - {row.alg for row in rows}
    if missing:
        names = ", ".join(sorted(missing))
        return ill(what, "No key signs %(names)s.", UPGRADE, names=names)
    if not has_sealing_key(ward):
        said = "They cannot be opened without the key-encryption key."
        return ill(what, said, "Cure that first.")
    sealer = Sealer(ward.sealing_keys())
    try:
        for row in rows:
            sealer.open(row.private_sealed, row.kid.encode())
    except SealBroken:
        return ill(
            what,
            "They were sealed with another key-encryption key.",
            "Put that key into KEY_ENCRYPTION_KEY, behind the new one and a comma.",
        )
    names = ", ".join(sorted({row.alg for row in rows}))
    return well(what, "One key each signs %(names)s.", names=names)


def mail(ward: Ward) -> list[Finding]:
    """Letters must go out: all of a delivery is tried but the letter itself."""
    settings = ward.settings
    if not settings.mail_host:
        if not settings.is_production:
            return well("mail", "Letters are kept as files in AUTHSERVER_HOME/mail.")
        said = "No server is named: letters are kept as files, and nobody gets one."
        return ill("mail", said, "Set MAIL_HOST, MAIL_USER, MAIL_PASS and MAIL_FROM.")
    try:
        mailer = ward.open_mailer()
        if isinstance(mailer, SmtpMailer):
            mailer.greet()
    except ConfigError as fault:
        said = "The settings do not fit."
        return ill("mail", said, CORRECT, fault=_plain(fault))
    except OSError as fault:  # and every error of smtplib
        return ill("mail", *_why(fault), fault=type(fault).__name__)
    if settings.is_production and "@localhost" in settings.mail_from:
        said = (
            "The server answers, but letters would come from an address at localhost."
        )
        return ill("mail", said, "Set MAIL_FROM to an address of your own domain.")
    return well("mail", "The server answers, and lets us in.")


def _plain(fault: ConfigError) -> str:
    return str(fault).rstrip(".")


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
        "The server cannot be reached (%(fault)s).",
        "Check MAIL_HOST and MAIL_PORT, and what lies between.",
    )


def notices(ward: Ward) -> list[Finding]:
    """Clients must learn that sessions have ended."""
    what = "notices"
    if not state(ward.settings).is_current:
        return ill(what, "They cannot be read yet.", "Cure the database first.")
    now = Clock().now()
    since, overdue = now - timedelta(days=1), now - timedelta(minutes=10)
    with connection_to(ward.settings) as connection:
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
    if late:
        return ill(
            what,
            "Notices that wait for ten minutes and more, since nobody sends them: "
            "%(num)s.",
            "Let `serve` run, or `authserver notices deliver`.",
            num=late,
        )
    if failed:
        said = "Notices of the last day that were given up: %(num)s."
        return ill(what, said, "See `authserver notices list --failed`.", num=failed)
    return well(what, "Every client that was to be told something has been.")


def redis(ward: Ward) -> list[Finding]:
    """Limits must be counted where all nodes see them."""
    url = ward.settings.redis_url
    if not url:
        return well("limits", "They are counted in the database.")
    try:
        throttle = Throttle({"doctor": "1/minute"}, redis_url=url)
        throttle.test("doctor", "doctor")
    except ConfigError as fault:
        said = "Redis cannot be used."
        return ill("limits", said, CORRECT, fault=_plain(fault))
    if throttle.degraded:
        said = "Redis does not answer: every node counts for itself."
        return ill("limits", said, "Start it, or check REDIS_URL.")
    return well("limits", "They are counted in Redis.")


def time(ward: Ward) -> list[Finding]:
    """Tokens live by the clock: all nodes and the database must agree on it."""
    now, cure = Clock().now(), "Let the machine take its time from an NTP server."
    if now < BUILT:
        return ill("clock", "It is slow by years.", cure)
    if not state(ward.settings).is_current:
        return well("clock", "It shows a time that can be; there is none to compare.")
    with connection_to(ward.settings) as connection:
        newest = connection.scalar(select(func.max(StoredKey.created_at)))
        theirs = now
        if connection.dialect.name == "postgresql":
            theirs = connection.scalar(select(func.clock_timestamp())) or now
    # Asked after ours was read: what the question itself took is no skew.
    now = max(now, min(theirs, Clock().now()))
    if abs(theirs - now) > MOST_SKEW:
        seconds = round(abs(theirs - now).total_seconds())
        said = "It is %(num)s s off the database's."
        return ill("clock", said, cure, num=seconds)
    if newest and newest - now > MOST_SKEW:
        said = "It is slow: a signing key was made in what it takes for the future."
        return ill("clock", said, cure)
    return well("clock", "Nothing in the database contradicts it.")
