"""Is this password one that everybody tries first?

An offline list: nothing about a password ever leaves the machine (NIST SP 800-63B
§3.1.1.2 asks for the comparison, not for a service).  See data/README.md for where it
comes from.
"""

import hashlib
import re
import unicodedata
from pathlib import Path

LIST = Path(__file__).with_name("data") / "common_passwords.bin"
HASH_BYTES = 5

# What people put around a word when a policy wants digits and signs.
DECORATION = re.compile(r"^[^a-z]{0,5}|[^a-z]{0,5}$")
SHORTEST_WORD = 6


class BreachedPasswords:
    """A sorted list of hashes; a look takes microseconds."""

    def __init__(self, path: Path = LIST) -> None:
        """Read the list."""
        self.hashes = path.read_bytes()

    def __len__(self) -> int:
        return len(self.hashes) // HASH_BYTES

    def is_breached(self, password: str) -> bool:
        """Say whether the password is on the list, or is such a word decorated.

        Case does not matter, and up to five signs before and after it do not help:
        ``Password123!`` is as well known as ``password``.
        """
        plain = unicodedata.normalize("NFC", password[:256]).casefold()
        word = DECORATION.sub("", plain)
        return self._knows(plain) or (len(word) >= SHORTEST_WORD and self._knows(word))

    def _knows(self, word: str) -> bool:
        wanted = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
        wanted = wanted[:HASH_BYTES]
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            found = self.hashes[middle * HASH_BYTES : (middle + 1) * HASH_BYTES]
            if found == wanted:
                return True
            if found < wanted:
                low = middle + 1
            else:
                high = middle
        return False
