"""axe-core in the open page: what it does to those who do not see it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

PROGRAM = Path(__file__).parents[1] / "interop/node_modules/axe-core/axe.min.js"


COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that a scheme of colours has to do with."""

FIND = """async (rules) => {
  const found = await axe.run(rules ? {runOnly: {type: "rule", values: rules}} : {});
  return found.violations;
}"""


def violations(page: Page, *, only: list[str] | None = None) -> list[str]:
    """Give what is wrong with the open page, rule by rule; by some rules or by all."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(PROGRAM.read_text(encoding="utf-8"))
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in page.evaluate(FIND, only)
        for node in one["nodes"]
    ]
