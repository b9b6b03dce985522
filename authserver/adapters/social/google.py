"""Google, an OpenID Provider with habits of its own."""

from authserver.adapters.social.oidc import OpenIdProvider

HTTPS = "https://"


class Google(OpenIdProvider):
    """Google's ``iss`` is at times written without its scheme."""

    def _issuers(self) -> tuple[str, ...]:
        return self.issuer, self.issuer.removeprefix(HTTPS)

    def _wishes(self) -> dict[str, str]:
        # Whoever has several accounts there must be able to say which.
        return {"prompt": "select_account"}
