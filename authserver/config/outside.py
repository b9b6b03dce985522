"""Settings of other people's servers: by whom one may sign in, what may be called."""

from dataclasses import dataclass

from authserver.config.setting import setting


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What whoever trusts other servers decides."""

    # -- Sign-in by other services
    google_client_id: str = setting(
        "Client id at Google. Empty: no sign-in with Google. The callback to register "
        "is APP_URL/v1/auth/oauth/google/callback, and so for all providers.",
        env="GOOGLE_CLIENT_ID",
        default="",
    )
    google_client_secret: str = setting(
        "Client secret at Google.",
        env="GOOGLE_CLIENT_SECRET",
        default="",
        secret=True,
    )
    google_issuer: str = setting(
        "Where Google's metadata is; another one for tests.",
        env="GOOGLE_ISSUER",
        default="https://accounts.google.com",
    )
    github_client_id: str = setting(
        "Client id of an OAuth app at GitHub. Empty: no sign-in with GitHub.",
        env="GITHUB_CLIENT_ID",
        default="",
    )
    github_client_secret: str = setting(
        "Client secret at GitHub.",
        env="GITHUB_CLIENT_SECRET",
        default="",
        secret=True,
    )
    github_url: str = setting(
        "Where people sign in to GitHub; the address of a GitHub Enterprise Server.",
        env="GITHUB_URL",
        default="https://github.com",
    )
    github_api_url: str = setting(
        "Where GitHub's API is; `https://HOST/api/v3` of a GitHub Enterprise Server.",
        env="GITHUB_API_URL",
        default="https://api.github.com",
    )
    oidc_providers: str = setting(
        "Further OpenID Providers, as JSON: a list of objects with `name` (in URLs), "
        "`title` (on buttons), `issuer`, `client_id`, `client_secret`, and if need be "
        "`scope` and `auth_method` (client_secret_basic or client_secret_post).",
        env="OIDC_PROVIDERS",
        default="",
        secret=True,
    )

    # -- What may be called
    outbound_allow: tuple[str, ...] = setting(
        "Names, addresses and networks that may be called though they are not public, "
        "such as `idp.internal,10.1.0.0/16`.",
        env="OUTBOUND_ALLOW",
        default=(),
        kind="words",
    )
    fetch_ca_file: str = setting(
        "PEM bundle that other servers' certificates are checked with, beside the "
        "system's.",
        env="FETCH_CA_FILE",
        default="",
    )
