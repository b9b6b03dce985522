"""Every setting of the server, one line of truth for each.

``env`` gives the name in the environment and, behind it, every other spelling that is
understood.  A secret may also be given as a file: ``NAME_FILE=/run/secrets/name``.
"""

import dataclasses
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any


def setting(
    doc: str, *, env: str, default: Any = dataclasses.MISSING, **facts: Any
) -> Any:
    """Declare a setting.

    Args:
        doc: What it does, with its unit.
        env: Its names, the first one being ours, separated by spaces.
        default: What holds when the environment is silent.
        facts: ``kind`` (how it is read, a reader of environs), ``choices``,
            ``least`` (smallest number), ``secret`` (never printed).
    """
    shown = not facts.get("secret", False)
    table = {"doc": doc, "env": env.split(), **facts}
    return field(default=default, repr=shown, metadata=table)


def seconds(amount: int) -> timedelta:
    """Write a default lifetime the way the documents do."""
    return timedelta(seconds=amount)


DAY = 86400


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the operator decided, read once at the start and checked."""

    # -- Where it runs
    app_env: str = setting(
        "Kind of deployment. Only `production` refuses what is unsafe.",
        env="APP_ENV NODE_ENV",
        default="production",
        choices=("development", "test", "production"),
    )
    home: Path = setting(
        "Folder for what this node keeps: embedded database, keys, mailbox.",
        env="AUTHSERVER_HOME",
        default=Path("var"),
        kind="path",
    )
    host: str = setting("Address to listen on.", env="HOST", default="127.0.0.1")
    port: int = setting(
        "Port to listen on.", env="PORT", default=3000, kind="int", least=0
    )
    issuer: str = setting(
        "The https URL that names this server in every token and link. "
        "Default: http://HOST:PORT in development.",
        env="APP_URL ISSUER BASE_URL",
        default="",
    )
    workers: int = setting(
        "Worker processes of `serve`; 0 means one a core.",
        env="WEB_CONCURRENCY",
        default=0,
        kind="int",
        least=0,
    )
    threads: int = setting(
        "Threads of a worker.", env="WEB_THREADS", default=2, kind="int", least=1
    )
    trusted_proxies: tuple[str, ...] = setting(
        "Addresses or networks whose X-Forwarded-* headers are believed.",
        env="TRUSTED_PROXIES",
        default=(),
        kind="words",
    )
    log_level: str = setting(
        "How much is logged.",
        env="LOG_LEVEL",
        default="INFO",
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    )

    # -- Database
    database_url: str = setting(
        "SQLite or PostgreSQL URL. Default: a file in AUTHSERVER_HOME; or built from "
        "AUTH_PG_HOST, AUTH_PG_PORT, AUTH_PG_USER, AUTH_PG_PASS, AUTH_PG_DB.",
        env="DATABASE_URL",
        default="",
        secret=True,
    )
    redis_url: str = setting(
        "Redis or Valkey for limits shared by all nodes. Default: the database.",
        env="REDIS_URL",
        default="",
        secret=True,
    )

    # -- Secrets and keys
    keys_dir: Path = setting(
        "Folder of the key-encryption key and of PEM files to import. "
        "Default: `keys` in AUTHSERVER_HOME.",
        env="KEYS_DIR",
        default=Path(),
        kind="path",
    )
    key_encryption_key: str = setting(
        "32 bytes, base64: seals private keys and secrets in the database; "
        "older keys may follow, separated by commas.",
        env="KEY_ENCRYPTION_KEY",
        default="",
        secret=True,
    )
    jwt_secret: str = setting(
        "Key of internal tickets and page tokens. Default: derived from the "
        "key-encryption key.",
        env="JWT_SECRET SECRET_KEY",
        default="",
        secret=True,
    )
    refresh_secret: str = setting(
        "Pepper of stored token hashes. Default: derived from the key-encryption key.",
        env="JWT_REFRESH_SECRET REFRESH_SECRET",
        default="",
        secret=True,
    )
    jwt_private_key: str = setting(
        "PEM of the first signing key.",
        env="JWT_PRIVATE_KEY",
        default="",
        secret=True,
    )
    signing_algorithm: str = setting(
        "Algorithm of new signing keys; RS256 is always offered beside it.",
        env="JWT_ALGORITHM SIGNING_ALGORITHM",
        default="RS256",
        choices=("RS256", "ES256", "PS256", "EdDSA"),
    )
    key_overlap: timedelta = setting(
        "How long a new key is published before it signs (seconds, or 15m, 2h, 7d).",
        env="KEY_OVERLAP",
        default=seconds(3600),
        kind="span",
    )

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
    public_limits: str = setting(
        "Other public pages and calls, per address.",
        env="PUBLIC_LIMITS",
        default="20/minute",
    )
    mfa_limits: str = setting(
        "Codes of a second factor, per account.",
        env="MFA_LIMITS",
        default="5/5minutes",
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

    # -- Browser front ends of /v1
    cookie_mode: bool = setting(
        "Whether /v1 hands tokens over in cookies when a call does not say which "
        "way by `X-Token-Delivery`.",
        env="COOKIE_MODE",
        default=False,
        kind="switch",
    )
    cors_origins: tuple[str, ...] = setting(
        "Origins whose pages may call /v1, such as https://app.example.com.",
        env="CORS_ORIGINS",
        default=(),
        kind="words",
    )

    # -- Mail
    mail_host: str = setting(
        "SMTP server. Empty: letters are kept as files in AUTHSERVER_HOME/mail.",
        env="MAIL_HOST SMTP_HOST",
        default="",
    )
    mail_port: int = setting(
        "465 speaks TLS at once, others by STARTTLS.",
        env="MAIL_PORT SMTP_PORT",
        default=465,
        kind="int",
        least=1,
    )
    mail_user: str = setting(
        "Account at the SMTP server.", env="MAIL_USER SMTP_USER", default=""
    )
    mail_password: str = setting(
        "Its password.",
        env="MAIL_PASS MAIL_PASSWORD SMTP_PASS SMTP_PASSWORD",
        default="",
        secret=True,
    )
    mail_from: str = setting(
        "Sender of every letter.",
        env="MAIL_FROM SMTP_FROM",
        default="Sign-in <no-reply@localhost>",
    )
    mail_ca_file: str = setting(
        "PEM bundle that the SMTP server's certificate is checked with, beside the "
        "system's.",
        env="MAIL_CA_FILE",
        default="",
    )

    # -- Looks
    brand_name: str = setting(
        "Name that people see.", env="BRAND_NAME", default="authserver"
    )
    brand_colour: str = setting(
        "Colour of buttons and links, #rrggbb.", env="BRAND_COLOUR", default="#2456c9"
    )
    brand_logo_url: str = setting(
        "Logo, a path on this server or an https URL on its own host.",
        env="BRAND_LOGO_URL",
        default="",
    )
    support_email: str = setting(
        "Where people find help.", env="SUPPORT_EMAIL", default=""
    )
    default_language: str = setting(
        "Language when nothing else says one.", env="DEFAULT_LANGUAGE", default="en"
    )

    # -- First administrator
    admin_username: str = setting(
        "User name of the first administrator.", env="ADMIN_USERNAME", default="admin"
    )
    admin_email: str = setting(
        "Address of the first administrator.",
        env="ADMIN_EMAIL",
        default="admin@example.com",
    )
    admin_password: str = setting(
        "Password of the first administrator. Empty: a one-time set-up link.",
        env="ADMIN_PASSWORD",
        default="",
        secret=True,
    )
    admin_name: str = setting(
        "Name of the first administrator.", env="ADMIN_NAME", default="Administrator"
    )
    admin_institutions: tuple[str, ...] = setting(
        "Institutions of the first administrator.",
        env="ADMIN_INSTITUTIONS",
        default=("default",),
        kind="words",
    )

    @property
    def is_production(self) -> bool:
        """Whether what is unsafe must be refused."""
        return self.app_env == "production"

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us by https, so that cookies may be `__Host-`."""
        return self.issuer.startswith("https://")

    @property
    def mail_dir(self) -> Path:
        """Folder of the letters kept as files."""
        return self.home / "mail"
