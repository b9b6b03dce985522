"""What the examples share: one guard, told by the environment whom to believe."""

import os

from authserver_rs.fetching import Fetcher

from authserver_rs import Introspection, ResourceServer

SCOPES = ("notes:read", "notes:write")


def make_guard() -> ResourceServer:
    """Check JWTs by the server's keys, or ask the server where there is a secret."""
    client_id = os.environ.get("CLIENT_ID")
    return ResourceServer(
        os.environ["ISSUER"],
        os.environ["RESOURCE"],
        scopes=SCOPES,
        name="Notes",
        introspection=Introspection(client_id, os.environ["CLIENT_SECRET"])
        if client_id
        else None,
        certificate_header=os.environ.get("CERTIFICATE_HEADER"),
        fetcher=Fetcher(ca_file=os.environ.get("CA_FILE")),
    )
