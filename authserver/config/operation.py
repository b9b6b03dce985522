"""Settings of the deployment: where it runs, with which database, keys and mail."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from authserver.config.setting import seconds, setting


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What whoever runs the server decides."""

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
    signing_algorithms: tuple[str, ...] = setting(
        "Algorithms that apps may have ID tokens, userinfo and answers signed with: "
        "RS256, PS256, ES256, EdDSA. Each has keys of its own; RS256 is always there. "
        "`authserver db upgrade` makes the keys of one that is added.",
        env="SIGNING_ALGORITHMS SIGNING_ALGORITHM JWT_ALGORITHM",
        default=("RS256", "PS256", "ES256"),
        kind="words",
    )
    key_overlap: timedelta = setting(
        "How long a new key is published before it signs (seconds, or 15m, 2h, 7d).",
        env="KEY_OVERLAP",
        default=seconds(3600),
        kind="span",
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
