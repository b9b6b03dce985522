"""An OAuth 2 and OpenID Connect authorization server.

Floors, top to ground; imports only go down:
app -> cli -> oidc | api | web -> http -> services -> core -> adapters | models
-> crypto -> config | clock -> errors
"""

__version__ = "0.1.0"
