"""Print docs/conformance.md: which test holds which sentence of which specification.

It reads the marks `@pytest.mark.spec("RFC 7636 §4.6")` from the source of the tests and
runs nothing.  `make generate` writes the page; a test holds the page to the marks.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
# what the OpenID Foundation's plans ask of this server: Basic and Form Post (B), Config
# (C), registration in Dynamic (D), RP-initiated logout (L), back-channel (K) and
# front-channel logout (N), session management (S), third-party-initiated login (T), FAPI
# 2.0 Security Profile (F), and what is common to all modules (G)
OPENID_FOUNDATION = [
    *(f"OIDF G{n}" for n in range(1, 15)),
    *(f"OIDF B{n}" for n in range(1, 39)),
    "OIDF C1",
    *(f"OIDF D{n}" for n in (*range(1, 19), 22, 23)),
    *(f"OIDF T{n}" for n in (1, 2)),
    *(f"OIDF L{n}" for n in range(1, 12)),
    *(f"OIDF F{n}" for n in range(1, 57)),
    *(f"OIDF D{n}" for n in (19, 20, 21)),
    *(f"OIDF {row}{n}" for row in "KNS" for n in (1, 2)),
]
HEAD = """\
# Conformance

Which test holds which demand. This page is made from the marks of the tests by
`make generate`; what has no test is not on it. The demands of the OpenID Foundation's
plans bear their numbers from its list: G is common to all modules, B is Basic OP and
Form Post OP, C is Config OP, D is Dynamic OP, L is RP-Initiated Logout OP, K and N are
back-channel and front-channel logout, S is session management, T is third-party-initiated
login, F is FAPI 2.0 Security Profile; modules of Implicit OP and Hybrid OP stand by their
names. Those tests speak HTTP to a live server, on PostgreSQL and on SQLite.
"""


@dataclass(frozen=True)
class Held:
    """One demand, and one test that holds it."""

    demand: str
    test: str
    file: str

    @property
    def says(self) -> str:
        """The name of the test, which is a sentence, without the number before it."""
        return re.sub(r"^test_([a-z]\d+_|to_)*", "", self.test).replace("_", " ")


def held(root: Path = TESTS) -> Iterator[Held]:
    """Give every mark of every test, in the order of files and lines."""
    for path in sorted(root.rglob("test_*.py")):
        if "node_modules" in path.parts:
            continue
        file = path.relative_to(root.parent).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                for demand in _marks(node):
                    yield Held(demand, node.name, file)


def _marks(node: ast.FunctionDef) -> Iterator[str]:
    for call in node.decorator_list:
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.spec"):
            yield ast.literal_eval(call.args[0])


def _document_of(demand: str) -> str:
    if demand.startswith("OIDF"):
        return "OpenID Foundation conformance plans"
    return re.split(" §| Appendix", demand)[0]


def _in_order(demand: str) -> list[object]:
    parts = re.split(r"(\d+)", demand)
    return [int(part) if part.isdigit() else part for part in parts]


def page() -> str:
    """Give the whole page."""
    by_document: dict[str, dict[str, list[Held]]] = defaultdict(dict)
    for one in held():
        rows = by_document[_document_of(one.demand)]
        rows.setdefault(one.demand, []).append(one)
    parts = [HEAD]
    first = "OpenID Foundation conformance plans"
    for document in sorted(by_document, key=lambda d: (d != first, _in_order(d))):
        parts.append(
            f"\n## {document}\n\n| Demand | What is held | Test |\n|---|---|---|"
        )
        rows = by_document[document]
        for demand in sorted(rows, key=_in_order):
            parts += [
                f"| {demand} | {one.says} | `{one.file}::{one.test}` |"
                for one in rows[demand]
            ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
