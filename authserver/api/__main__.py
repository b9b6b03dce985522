"""Print docs/permissions.md (``permissions``), docs/errors.md (``errors``),
docs/api.md (``api``) or docs/profiles.md (``profiles``) from the tables that the server
itself runs by.
"""

import re
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields

from authserver.api import GROUPS
from authserver.api.endpoint import ANYONE, LIMITED, SIGNED_IN, Contract
from authserver.core import security_profiles
from authserver.core.role_catalogue import PERMISSIONS
from authserver.core.security_profiles import PROFILES, SecurityProfile
from authserver.errors import registry
from authserver.models.state import folder

ROLES = ("user", "editor", "admin", "super_admin")
"""The system roles, from the least to the most."""


def rows() -> Iterator[tuple[str, str, str, Contract, str]]:
    """Give (tag, method, path, contract, summary) of every endpoint."""
    for tag, _, routes in GROUPS:
        for method, path, view in routes:
            summary = (view.__doc__ or "").strip().partition("\n")[0].rstrip(".")
            yield tag, method, _plain(path), view.contract, summary  # type: ignore[attr-defined]


def _plain(path: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/v1{path}")


def granted() -> dict[str, set[str]]:
    """Give what each system role permits, as the first migration writes it."""
    home = next((folder() / "versions").glob("0001_*.py"))
    found = runpy.run_path(str(home))["ROLES"]
    return {role: set(found[role][1]) for role in ROLES}


def permissions() -> str:
    """Give the matrix: who may call what, and what each role permits."""
    held = granted()
    lines = [
        "# Permissions",
        "",
        "Printed by `python -m authserver.api permissions`; a test calls every endpoint",
        "as every role and holds this table. ● may, ○ may not.",
        "",
        "## Endpoints",
        "",
        f"| endpoint | needs | anybody | {' | '.join(ROLES)} |",
        f"|---|---|---|{'---|' * len(ROLES)}",
    ]
    for _, method, path, contract, _ in rows():
        who = contract.who
        is_open = who == ANYONE
        ticks = ["●" if is_open else "○"]
        for role in ROLES:
            may = who in (ANYONE, LIMITED, SIGNED_IN) or who in held[role]
            ticks.append("●" if may else "○")
        words = {ANYONE: "nothing", LIMITED: "a token", SIGNED_IN: "a verified address"}
        need = words.get(who, f"`{who}`")
        lines.append(f"| `{method} {path}` | {need} | {' | '.join(ticks)} |")
    lines += [
        "",
        "## Permissions",
        "",
        f"| permission | meaning | {' | '.join(ROLES)} |",
    ]
    lines.append(f"|---|---|{'---|' * len(ROLES)}")
    for name, meaning in PERMISSIONS.items():
        ticks = ["●" if name in held[role] else "○" for role in ROLES]
        lines.append(f"| `{name}` | {meaning} | {' | '.join(ticks)} |")
    return "\n".join(lines) + "\n"


def errors() -> str:
    """Give the table of refusals."""
    lines = [
        "# Refusals",
        "",
        "Printed by `python -m authserver.api errors`. `code` is stable; `/v1` answers",
        "it in the envelope, the protocol endpoints answer the OAuth word.",
        "",
        "| code | word | status | OAuth `error` | says | when |",
        "|---|---|---|---|---|---|",
    ]
    for number, refusal in sorted(registry.items()):
        when = (refusal.__doc__ or "").strip().partition("\n")[0]
        lines.append(
            f"| `{number}` | `{refusal.code}` | {refusal.status} | `{refusal.oauth}` "
            f"| {refusal.message} | {when} |"
        )
    return "\n".join(lines) + "\n"


def api() -> str:
    """Give the list of endpoints."""
    lines = [
        "# The JSON API",
        "",
        "Printed by `python -m authserver.api api`. The whole of it, with every field,",
        "is at `/docs` and `/openapi.json` of a running server.",
    ]
    heading = ""
    for tag, method, path, contract, summary in rows():
        if tag != heading:
            heading = tag
            about = next(words for name, words, _ in GROUPS if name == tag)
            lines += ["", f"## {tag}", "", about, "", "| endpoint | does | limit |"]
            lines += ["|---|---|---|"]
        lines.append(f"| `{method} {path}` | {summary} | {contract.limit or ''} |")
    return "\n".join(lines) + "\n"


def profiles() -> str:
    """Give the table of security profiles."""
    columns = fields(SecurityProfile)[1:]
    lines = [
        "# Security profiles",
        "",
        "Printed by `python -m authserver.api profiles` from",
        "`authserver/core/security_profiles.py`; tests hold each row. A client has one of",
        "them (`authserver client create --profile`), and everything below follows from",
        "it. `authserver client check` says which one a client could move to, and what",
        "stands in the way.",
        "",
        "`oidc` is OpenID Connect Core over RFC 6749 as RFC 9700 amends them; `oauth21`",
        "OAuth 2.1; `fapi2` the FAPI 2.0 Security Profile; `fapi2-ms` adds FAPI 2.0",
        "Message Signing.",
        "",
        "    authserver client create --name Bank --profile fapi2 \\",
        "        --auth-method private_key_jwt --jwks-file keys.json \\",
        "        --redirect-uri https://bank.example/callback",
        "    authserver client check",
        "    authserver client move CLIENT_ID fapi2",
        "",
        "A client may ask for more than its profile demands, by the members",
        "`require_pushed_authorization_requests` and `require_signed_request_object` of its",
        "registration; `REQUIRE_PAR` and `REQUIRE_SIGNED_REQUEST` ask it of all.",
        "",
        f"| rule | {' | '.join(f'`{name}`' for name in PROFILES)} | source |",
        f"|---|{'---|' * len(PROFILES)}---|",
    ]
    for column in columns:
        cells = [
            security_profiles.words(getattr(profile, column.name))
            for profile in PROFILES.values()
        ]
        facts = column.metadata
        lines.append(f"| {facts['title']} | {' | '.join(cells)} | {facts['source']} |")
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "permissions": permissions,
    "errors": errors,
    "api": api,
    "profiles": profiles,
}


def main(words: list[str]) -> int:
    """Print one page."""
    if len(words) != 1 or words[0] not in PAGES:
        sys.stderr.write(f"usage: python -m authserver.api {'|'.join(PAGES)}\n")
        return 2
    sys.stdout.write(PAGES[words[0]]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
