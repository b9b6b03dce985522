"""What a client shows to prove its sector: a list of its redirect URIs (Core §8.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from authserver.adapters.exchange import FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.core.client_keys import Fault


@dataclass(frozen=True)
class SectorDocuments:
    """Fetches them and compares."""

    fetcher: Fetcher

    def check(self, uri: str, redirect_uris: Sequence[str]) -> None:
        """See that the document at a ``sector_identifier_uri`` names every address.

        Raises:
            Fault: It cannot be had, is no list, or lacks one of them.
        """
        try:
            listed = self.fetcher.get_json(uri)
        except FetchFailed as why:
            raise Fault("cannot be fetched") from why
        if not isinstance(listed, list):
            raise Fault("is no JSON array")
        if not set(redirect_uris) <= {one for one in listed if isinstance(one, str)}:
            raise Fault("does not list every redirect URI")
