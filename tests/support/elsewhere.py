"""Somebody as another service tells of them, who has just come back from there."""

from authserver.adapters.social.base import Errand, Identity
from authserver.core.attempts import Attempt, Wish

ISSUER = "https://idp.example.test"
GRACE = Identity(
    issuer=ISSUER,
    subject="g-1",
    email="grace@example.test",
    is_email_verified=True,
    name="Grace Hopper",
    picture="https://pictures.example/grace.png",
)
IN = Attempt("idp", Wish(face="page"), Errand("https://x", "s", "n", "v" * 43))
