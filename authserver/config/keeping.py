"""Settings of what is kept of people, and for how long (LGPD art. 15-16, GDPR art. 5)."""

from dataclasses import dataclass
from datetime import timedelta

from authserver.config.setting import DAY, seconds, setting


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """What whoever answers for people's data decides."""

    # -- What is kept
    terms: tuple[str, ...] = setting(
        "Documents that people accept, each with the version in force, such as "
        "`terms:2026-11,privacy:2026-08`. Empty: any document of any version is noted.",
        env="TERMS",
        default=(),
        kind="words",
    )
    deletion_grace: timedelta = setting(
        "How long a deleted account can be had back, before nothing says whose it was.",
        env="DELETION_GRACE",
        default=seconds(30 * DAY),
        kind="span",
    )
    retain_login_history: timedelta = setting(
        "How long tries to sign in are kept.",
        env="RETAIN_LOGIN_HISTORY",
        default=seconds(365 * DAY),
        kind="span",
    )
    retain_security_log: timedelta = setting(
        "How long lines of the security log are kept.",
        env="RETAIN_SECURITY_LOG",
        default=seconds(730 * DAY),
        kind="span",
    )
    retain_sessions: timedelta = setting(
        "How long ended sessions are kept, and with them which devices are known.",
        env="RETAIN_SESSIONS",
        default=seconds(180 * DAY),
        kind="span",
    )
    retain_letters: timedelta = setting(
        "How long it is kept that a letter was sent; its text goes when it is sent.",
        env="RETAIN_LETTERS",
        default=seconds(90 * DAY),
        kind="span",
    )
    retain_expired: timedelta = setting(
        "How long codes, links, tokens and counters are kept after their end.",
        env="RETAIN_EXPIRED",
        default=seconds(7 * DAY),
        kind="span",
    )
    retain_refusals: timedelta = setting(
        "How long it is kept what apps were refused, redacted, for the flow inspector.",
        env="RETAIN_REFUSALS",
        default=seconds(7 * DAY),
        kind="span",
    )
    geo_database: str = setting(
        "File in MaxMind DB format that tells places from addresses (extra `geo`). "
        "Empty: places are not known.",
        env="GEO_DATABASE",
        default="",
    )
