"""Every setting of the server, one line of truth for each.

``env`` gives the name in the environment and, behind it, every other spelling that is
understood.  A secret may also be given as a file: ``NAME_FILE=/run/secrets/name``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from authserver.config import providers
from authserver.config.channel import Channel
from authserver.config.keeping import Keeping
from authserver.config.logout import Logout
from authserver.config.operation import Operation
from authserver.config.outside import Outside
from authserver.config.providers import OidcProvider
from authserver.config.registering import Registering
from authserver.config.requests import Requests
from authserver.config.rules import Rules
from authserver.config.setting import setting

TRIAL_PASSWORD = "admin"
"""The first administrator's on a development server; it lets nobody in for long."""


@dataclass(frozen=True, kw_only=True)
class Settings(
    Registering, Channel, Outside, Keeping, Logout, Requests, Rules, Operation
):
    """What the operator decided, read once at the start and checked."""

    origins: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Where each was found, by its field, once they were read: see ``origins``."""

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
        "Password of the first administrator. Empty: a one-time set-up link; in "
        "development `admin`, which must be changed at the first sign-in.",
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
    def has_tls(self) -> bool:
        """Whether `serve` speaks TLS itself."""
        return self.tls_cert != Path()

    @property
    def sees_certificates(self) -> bool:
        """Whether a client's certificate can reach us: by ourselves or by a proxy."""
        return bool(self.mtls_port or self.client_cert_header)

    @property
    def oidc_provider_list(self) -> tuple[OidcProvider, ...]:
        """The further OpenID Providers, read."""
        return providers.read(self.oidc_providers)

    @property
    def mail_dir(self) -> Path:
        """Folder of the letters kept as files."""
        return self.home / "mail"
