"""What an API says of itself (RFC 9728): where its tokens come from, and its scopes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authserver_rs import dpop

PREFIX = "/.well-known/oauth-protected-resource"


@dataclass(frozen=True)
class Metadata:
    """The document of one resource."""

    resource: str
    issuer: str
    scopes: Sequence[str] = ()
    name: str | None = None
    documentation: str | None = None
    with_dpop: bool = True
    dpop_only: bool = False
    mtls_bound: bool = False

    @property
    def path(self) -> str:
        """Give where the document is: the well-known part goes before the path (§3.1)."""
        return PREFIX + urlsplit(self.resource).path.rstrip("/")

    @property
    def url(self) -> str:
        """Give its whole address, as challenges name it (§5.1)."""
        parts = urlsplit(self.resource)
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.scheme}://{parts.netloc}{self.path}{query}"

    def document(self) -> dict[str, Any]:
        """Give the document (§2)."""
        said: dict[str, Any] = {
            "resource": self.resource,
            "authorization_servers": [self.issuer],
            "bearer_methods_supported": ["header"],
            "scopes_supported": list(self.scopes),
            "resource_name": self.name,
            "resource_documentation": self.documentation,
            "tls_client_certificate_bound_access_tokens": self.mtls_bound or None,
        }
        if self.with_dpop:
            said["dpop_signing_alg_values_supported"] = list(dpop.ALGORITHMS)
            said["dpop_bound_access_tokens_required"] = self.dpop_only or None
        return {name: value for name, value in said.items() if value not in (None, [])}
