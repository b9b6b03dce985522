"""Guard an API with the access tokens of an OAuth authorization server.

    guard = ResourceServer("https://auth.example.org", "https://notes.example.org")
    access = guard.check(Request("GET", url, headers), Need(scopes=("notes:read",)))

``guard`` the checks, in their order · ``flask``, ``asgi``, ``django`` the same for a
framework · ``wellknown`` what clients read before they ask.  It knows no particular
server: whatever has RFC 8414 metadata and RFC 9068 tokens, or RFC 7662, will do.
"""

from authserver_rs.errors import Denied, Unreachable
from authserver_rs.guard import Access, Need, Request, ResourceServer
from authserver_rs.introspection import Introspection
from authserver_rs.replay import FileReplays, MemoryReplays

__version__ = "0.1.0"

__all__ = [
    "Access",
    "Denied",
    "FileReplays",
    "Introspection",
    "MemoryReplays",
    "Need",
    "Request",
    "ResourceServer",
    "Unreachable",
]
