"""axe-core in the open page: what it does to those who do not see it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

PROGRAM = Path(__file__).parents[1] / "interop/node_modules/axe-core/axe.min.js"


def violations(page: Page) -> list[str]:
    """Give what is wrong with the open page, rule by rule."""
    page.evaluate(PROGRAM.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(r => r.violations)")
    return [
        f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]
    ]
