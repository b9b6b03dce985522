"""OpenID CIBA §10.1: an app asks whether the person it named has decided."""

from authserver.core.apps import App
from authserver.core.client_metadata import CIBA
from authserver.core.grant import Grant
from authserver.http.context import services
from authserver.oidc.grants.redeemed import RedeemedGrant


class CibaGrant(RedeemedGrant):
    """``core/polling`` decides, once and atomically."""

    GRANT_TYPE = CIBA
    SECRET = "auth_req_id"

    def redeem(self, secret: str, app: App) -> Grant:
        """Answer the poll."""
        return services().backchannel.redeem(secret, app=app, **self.narrowing())
