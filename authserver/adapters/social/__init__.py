"""Other services that people sign in with: which ones the operator has set up."""

from authserver.adapters.fetcher import Fetcher
from authserver.adapters.social.base import App, Provider
from authserver.adapters.social.github import GitHub
from authserver.adapters.social.google import Google
from authserver.adapters.social.oidc import OpenIdProvider
from authserver.clock import Clock
from authserver.config import Settings
from authserver.config.providers import SCOPE


def open_providers(
    settings: Settings, fetcher: Fetcher, clock: Clock
) -> dict[str, Provider]:
    """Give the providers by name, in the order of their buttons; none is asked yet."""
    found: dict[str, Provider] = {}
    if settings.google_client_id:
        found["google"] = Google(
            "google",
            "Google",
            App(settings.google_client_id, settings.google_client_secret, SCOPE),
            fetcher,
            issuer=settings.google_issuer,
            clock=clock,
        )
    if settings.github_client_id:
        found["github"] = GitHub(
            "github",
            "GitHub",
            App(
                settings.github_client_id,
                settings.github_client_secret,
                "read:user user:email",
            ),
            fetcher,
            url=settings.github_url,
            api_url=settings.github_api_url,
        )
    for one in settings.oidc_provider_list:
        found[one.name] = OpenIdProvider(
            one.name,
            one.title,
            App(one.client_id, one.client_secret, one.scope, one.auth_method),
            fetcher,
            issuer=one.issuer,
            clock=clock,
        )
    return found
