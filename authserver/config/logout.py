"""Settings of how sessions end, and who watches them."""

from dataclasses import dataclass
from datetime import timedelta

from authserver.config.setting import seconds, setting


@dataclass(frozen=True, kw_only=True)
class Logout:
    """What whoever answers for sessions decides."""

    # -- The end of sessions
    session_management: bool = setting(
        "Whether apps may watch by a frame if the sign-in at the browser has changed "
        "(OIDC Session Management). Browsers that block third-party cookies make it "
        "useless; back-channel logout does without them.",
        env="SESSION_MANAGEMENT",
        default=False,
        kind="switch",
    )
    factor_change_signs_out: bool = setting(
        "Whether all other sessions end when a passkey or the second factor is "
        "removed. Another password ends them always.",
        env="FACTOR_CHANGE_SIGNS_OUT",
        default=False,
        kind="switch",
    )
    ssf_poll_wait: timedelta = setting(
        "How long an app that fetches security events waits for one when there is none "
        "(RFC 8936 §2.4). A quarter of a worker's threads may wait so. 0: nobody waits.",
        env="SSF_POLL_WAIT",
        default=seconds(10),
        kind="span",
    )
