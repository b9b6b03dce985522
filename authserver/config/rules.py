"""Settings of the rules: how long, how often, how strong."""

from dataclasses import dataclass
from datetime import timedelta

from authserver.config.setting import DAY, seconds, setting


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What whoever answers for people's accounts decides."""

    # -- Lifetimes
    access_ttl: timedelta = setting(
        "Life of an access token.",
        env="ACCESS_TTL JWT_EXPIRATION JWT_EXPIRES",
        default=seconds(900),
        kind="span",
    )
    id_token_ttl: timedelta = setting(
        "Life of an ID token.", env="ID_TOKEN_TTL", default=seconds(900), kind="span"
    )
    refresh_ttl: timedelta = setting(
        "Idle life of a refresh token and of a remembered session.",
        env="REFRESH_TTL JWT_REFRESH_EXPIRATION REFRESH_EXPIRES",
        default=seconds(7 * DAY),
        kind="span",
    )
    short_refresh_ttl: timedelta = setting(
        "Idle life of those that were not to be remembered.",
        env="SHORT_REFRESH_TTL",
        default=seconds(DAY),
        kind="span",
    )
    family_ttl: timedelta = setting(
        "Absolute life of a token family and of a session.",
        env="FAMILY_TTL",
        default=seconds(30 * DAY),
        kind="span",
    )
    refresh_grace: timedelta = setting(
        "How long the previous refresh token may be sent again by its own client, "
        "when an answer was lost.",
        env="REFRESH_GRACE",
        default=seconds(30),
        kind="span",
    )
    code_ttl: timedelta = setting(
        "Life of an authorization code.",
        env="CODE_TTL",
        default=seconds(60),
        kind="span",
    )
    device_code_ttl: timedelta = setting(
        "How long a device waits for its person (RFC 8628).",
        env="DEVICE_CODE_TTL",
        default=seconds(600),
        kind="span",
    )
    backchannel_ttl: timedelta = setting(
        "How long a request for somebody who is elsewhere waits for them (OpenID CIBA); "
        "the app may ask for less.",
        env="BACKCHANNEL_TTL",
        default=seconds(300),
        kind="span",
    )
    poll_interval: int = setting(
        "Seconds that a client must wait between two questions whether its person has "
        "decided.",
        env="POLL_INTERVAL",
        default=5,
        kind="int",
        least=1,
    )
    interaction_ttl: timedelta = setting(
        "How long a sign-in may take before it is started again.",
        env="INTERACTION_TTL",
        default=seconds(3600),
        kind="span",
    )
    verification_ttl: timedelta = setting(
        "Life of the code and link that verify an address.",
        env="VERIFICATION_TOKEN_TTL",
        default=seconds(DAY),
        kind="span",
    )
    reset_ttl: timedelta = setting(
        "Life of a link that resets a password.",
        env="PASSWORD_RESET_TTL",
        default=seconds(3600),
        kind="span",
    )
    magic_link_ttl: timedelta = setting(
        "Life of a magic link.", env="MAGIC_LINK_TTL", default=seconds(900), kind="span"
    )

    # -- Passwords and limits
    password_hasher: str = setting(
        "How new passwords are hashed; the other kind keeps working.",
        env="PASSWORD_HASHER",
        default="argon2id",
        choices=("argon2id", "bcrypt"),
    )
    argon2_memory_kib: int = setting(
        "Memory of one Argon2id run, KiB.",
        env="ARGON2_MEMORY_KIB",
        default=19456,
        kind="int",
        least=1024,
    )
    bcrypt_rounds: int = setting(
        "Cost of bcrypt.", env="BCRYPT_ROUNDS", default=12, kind="int", least=10
    )
    password_policy: str = setting(
        "`classic`: 8 characters of four kinds; `nist`: 15 of any; `either`.",
        env="PASSWORD_POLICY",
        default="either",
        choices=("classic", "nist", "either"),
    )
    rate_limits: bool = setting(
        "Whether limits hold. Off is for examinations only.",
        env="RATE_LIMITS",
        default=True,
        kind="switch",
    )
    signin_limits: str = setting(
        "Sign-in and sign-up, per address and per account.",
        env="SIGNIN_LIMITS",
        default="5/minute;10/15minutes",
    )
    proof_of_work: str = setting(
        "Whether browsers solve a puzzle before an account is begun: `off`, `always`, "
        "or `auto`, after PROOF_OF_WORK_FREE. Holds for /v1 too. Unless `off`, pages of "
        "sign-in and of letters ask after PROOF_OF_WORK_FREE_TRIES.",
        env="PROOF_OF_WORK",
        default="auto",
        choices=("off", "auto", "always"),
    )
    proof_of_work_bits: int = setting(
        "How hard a puzzle is; one more is twice the work. 15 is less than a second "
        "on a desk, some on an old phone. 24 at most.",
        env="PROOF_OF_WORK_BITS",
        default=15,
        kind="int",
        least=1,
    )
    proof_of_work_free: str = setting(
        "How many accounts a network may begin without a puzzle, with `auto`.",
        env="PROOF_OF_WORK_FREE",
        default="3/hour",
    )
    proof_of_work_free_all: str = setting(
        "How many all networks together may begin without one, with `auto`.",
        env="PROOF_OF_WORK_FREE_ALL",
        default="100/hour",
    )
    proof_of_work_free_tries: str = setting(
        "How many sign-ins may fail on pages, and how many letters to sign in or to "
        "choose another password a network may ask for, without a puzzle.",
        env="PROOF_OF_WORK_FREE_TRIES",
        default="10/hour",
    )
    public_limits: str = setting(
        "Other public pages and calls, per address.",
        env="PUBLIC_LIMITS",
        default="20/minute",
    )
    device_limits: str = setting(
        "Codes of devices that may be typed, per address.",
        env="DEVICE_LIMITS",
        default="5/minute;20/hour",
    )
    backchannel_limits: str = setting(
        "Requests of apps for one person who is elsewhere (OpenID CIBA).",
        env="BACKCHANNEL_LIMITS",
        default="5/5minutes;30/day",
    )
    mfa_limits: str = setting(
        "Codes of a second factor, per account.",
        env="MFA_LIMITS",
        default="5/5minutes",
    )
    trusted_device_ttl: timedelta = setting(
        "How long a browser may be trusted not to be asked for the second factor; "
        "0 offers no such trust.",
        env="TRUSTED_DEVICE_TTL",
        default=seconds(30 * DAY),
        kind="span",
    )
    backup_codes_viewable: bool = setting(
        "Whether backup codes can be looked at again, in sudo mode.",
        env="MFA_BACKUP_CODES_VIEWABLE",
        default=True,
        kind="switch",
    )
    letter_limits: str = setting(
        "Letters that anyone may cause to one address; what is above is not sent.",
        env="LETTER_LIMITS",
        default="5/15minutes;20/day",
    )
    lock_after: int = setting(
        "Failures of the password that lock it.",
        env="LOCK_AFTER",
        default=5,
        kind="int",
        least=1,
    )
    lock_time: timedelta = setting(
        "How long it stays locked.", env="LOCK_TIME", default=seconds(900), kind="span"
    )
    enumeration_protection: str = setting(
        "`strict`: /v1/auth/register and check-availability do not tell either "
        "whether an address is known.",
        env="ENUMERATION_PROTECTION",
        default="standard",
        choices=("standard", "strict"),
    )
    signup_required_fields: tuple[str, ...] = setting(
        "What sign-up asks for beside address and password: full_name, username, "
        "phone, cpf.",
        env="SIGNUP_REQUIRED_FIELDS",
        default=(),
        kind="words",
    )
    role_case: str = setting(
        "Letter case of role names in tokens.",
        env="ROLE_CASE",
        default="lower",
        choices=("lower", "upper"),
    )

    # -- Older apps
    legacy_response_types: bool = setting(
        "Whether apps may register the implicit and hybrid flows: tokens go through "
        "the browser (RFC 9700 §2.1.2). For apps that cannot be changed, and for "
        "examinations.",
        env="LEGACY_RESPONSE_TYPES",
        default=False,
        kind="switch",
    )

    # -- Browser front ends of /v1
    cookie_mode: bool = setting(
        "Whether /v1 hands tokens over in cookies when a call does not say which "
        "way by `X-Token-Delivery`.",
        env="COOKIE_MODE",
        default=False,
        kind="switch",
    )
    api_prefixes: tuple[str, ...] = setting(
        "Where the JSON API is mounted: `/v1`, and `/` too for older front ends.",
        env="API_PREFIXES",
        default=("/v1",),
        kind="words",
    )
    cors_origins: tuple[str, ...] = setting(
        "Origins whose pages may call /v1, such as https://app.example.com.",
        env="CORS_ORIGINS",
        default=(),
        kind="words",
    )
