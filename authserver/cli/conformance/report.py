"""The grades, of the server and of its clients."""

from collections.abc import Sequence
from typing import Any

from authserver.cli.conformance.lines import FAMILIES, Mark, Outcome

GRADES = {
    "A": "every line holds",
    "B": "every MUST holds",
    "C": "a MUST is broken",
}


def grade(outcomes: Sequence[Outcome], family: str) -> str:
    """Give the grade of one family of specifications."""
    marks = {one.mark for one in outcomes if family in one.line.families}
    if Mark.FAIL in marks:
        return "C"
    return "B" if marks & {Mark.WARN, Mark.SKIP} else "A"


def facts(
    issuer: str, outcomes: Sequence[Outcome], clients: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Give the whole report as one value."""
    return {
        "issuer": issuer,
        "grades": {family: grade(outcomes, family) for family in FAMILIES},
        "lines": [
            {
                "id": one.line.id,
                "mark": str(one.mark),
                "source": one.line.source,
                "title": one.line.title,
                "level": "MUST" if one.line.is_must else "SHOULD",
                "said": one.said,
            }
            for one in outcomes
        ],
        "clients": list(clients),
    }


def text(report: dict[str, Any]) -> str:
    """Write the report for somebody who reads."""
    lines = [f"{report['issuer']}, asked as apps ask it", ""]
    for one in report["lines"]:
        said = f"  ({one['said']})" if one["said"] else ""
        lines.append(
            f"{one['mark']:<5} {one['id']:<4} {one['title']}, {one['source']}{said}"
        )
    lines.append("")
    for family, mark in report["grades"].items():
        lines.append(f"{mark}  {family}: {GRADES[mark]}")
    if report["clients"]:
        lines += ["", "Clients, and the strictest profile that each could have today"]
    for client in report["clients"]:
        marks = ", ".join(f"{mark} {name}" for name, mark in client["grades"].items())
        step = f"; next {client['next']}: {client['step']}" if client["next"] else ""
        lines.append(
            f"{client['client_id']}  {client['name']}: {client['profile']}, "
            f"could be {client['could_be']}{step} [{marks}]"
        )
    return "\n".join(lines)
