"""Find a client, also one whose id is the URL of its metadata.

What was fetched is kept at once, whatever becomes of the request: the client is there.
"""

from authserver.core.apps import App
from authserver.errors import InvalidClientMetadata
from authserver.http.context import services
from authserver.http.limits import network
from authserver.http.unit_of_work import keep_already


def find(client_id: str) -> App | None:
    """Give a client; its document is fetched where it is new or has grown old.

    Raises:
        InvalidClientMetadata: The id is the URL of a document that is not good.
        TooManyTries: Too many such, from this network.
    """
    if services().client_documents.refresh(client_id, network()):
        keep_already()
    return services().clients.find(client_id)


def find_quietly(client_id: str) -> App | None:
    """The same, where a bad document is an unknown client (RFC 6749 §5.2)."""
    try:
        return find(client_id)
    except InvalidClientMetadata:
        return None
