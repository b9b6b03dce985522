"""Build authserver/adapters/data/common_passwords.bin from two published lists.

    pip install django zxcvbn
    python tools/common_passwords.py

The lists: `django/contrib/auth/common-passwords.txt.gz` (Django, BSD-3-Clause) and
the list `passwords` of zxcvbn-python (MIT).  What is written: for each password of six
characters and more, in lower case, the first five bytes of its SHA-256, in order.
Shorter ones are refused by every policy.
"""

import gzip
import hashlib
import importlib.util
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

TARGET = Path(__file__).parents[1] / "authserver/adapters/data/common_passwords.bin"
DJANGO_LIST = "contrib/auth/common-passwords.txt.gz"
SHORTEST = 6
HASH_BYTES = 5


def main() -> None:
    words = {word.casefold() for word in (*of_django(), *FREQUENCY_LISTS["passwords"])}
    hashes = sorted(
        hashlib.sha256(word.encode()).digest()[:HASH_BYTES]
        for word in words
        if len(word) >= SHORTEST
    )
    TARGET.write_bytes(b"".join(hashes))


def of_django() -> list[str]:
    package = importlib.util.find_spec("django")
    if package is None or package.origin is None:
        raise SystemExit("pip install django")
    packed = Path(package.origin).with_name("contrib").parent / DJANGO_LIST
    return gzip.decompress(packed.read_bytes()).decode("utf-8").splitlines()


if __name__ == "__main__":
    main()
