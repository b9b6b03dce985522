"""RFC 8628 §3.4: a device asks whether its person has decided."""

from authserver.core.apps import App
from authserver.core.client_metadata import DEVICE_CODE
from authserver.core.grant import Grant
from authserver.http.context import services
from authserver.oidc.grants.redeemed import RedeemedGrant


class DeviceCodeGrant(RedeemedGrant):
    """``core/polling`` decides, once and atomically."""

    GRANT_TYPE = DEVICE_CODE
    SECRET = "device_code"

    def redeem(self, secret: str, app: App) -> Grant:
        """Answer the poll."""
        return services().device_grants.redeem(secret, app=app, **self.narrowing())
