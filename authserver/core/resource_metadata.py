"""What a resource must look like as a whole (RFC 8707 §2, RFC 6749 §3.3)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from authserver.core.scopes import CLAIMS_OF
from authserver.core.targets import canonical
from authserver.core.token_types import TYPES

MAX_NAME = 200
MAX_SENTENCE = 300
MOST_SCOPES = 200
MOST_CLIENTS = 200
SHORTEST_TTL, LONGEST_TTL = 30, 86_400
"""Seconds; a key is published for so long after it has signed last."""

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,128}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")


def faults_of(
    facts: Mapping[str, Any], *, algorithms: Sequence[str]
) -> dict[str, list[str]]:
    """List the faults of a resource by field; empty when it can stand.

    Args:
        facts: As ``Resources.create`` takes them.
        algorithms: Those that a key of ours signs with now.
    """
    faults: dict[str, list[str]] = {}

    def say(field_name: str, text: str) -> None:
        faults.setdefault(field_name, []).append(text)

    try:
        canonical(facts["identifier"])
    except ValueError:
        say("identifier", "Give an absolute URI without a fragment.")
    if not facts["name"].strip() or len(facts["name"]) > MAX_NAME:
        say("name", f"Give a name of 1 to {MAX_NAME} characters.")
    if not _are_texts(facts["names"], MAX_NAME):
        say("names", "Give names by language tag.")
    for text in _faults_of_scopes(facts["scopes"]):
        say("scopes", text)
    ttl = facts["token_ttl"]
    if ttl is not None and not SHORTEST_TTL <= ttl <= LONGEST_TTL:
        say("token_ttl", f"Between {SHORTEST_TTL} and {LONGEST_TTL} seconds.")
    if facts["signing_alg"] not in (None, *algorithms):
        say("signing_alg", f"One of {', '.join(algorithms)}; see `authserver keys`.")
    if facts.get("token_typ") not in (None, *TYPES):
        say("token_typ", f"One of {', '.join(TYPES)}.")
    if len(facts["introspection_clients"]) > MOST_CLIENTS:
        say("introspection_clients", f"At most {MOST_CLIENTS}.")
    return faults


def _faults_of_scopes(scopes: Mapping[str, Any]) -> list[str]:
    if len(scopes) > MOST_SCOPES:
        return [f"At most {MOST_SCOPES}."]
    faults = []
    for name, texts in scopes.items():
        if not _SCOPE.fullmatch(name):
            faults.append(f"{name[:60]!r} is outside the grammar of a scope.")
        elif name in CLAIMS_OF:
            faults.append(f"{name} belongs to this server.")
        if not isinstance(texts, Mapping) or not _are_texts(texts, MAX_SENTENCE):
            faults.append(f"{name[:60]!r}: give its sentence by language tag.")
    return faults


def _are_texts(texts: Mapping[str, Any], longest: int) -> bool:
    return all(
        _LANGUAGE.fullmatch(tag)
        and isinstance(text, str)
        and len(text.strip()) > 0
        and len(text) <= longest
        and text.isprintable()
        for tag, text in texts.items()
    )
