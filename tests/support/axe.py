"""axe-core, where it lies on the machine: what a page does to those who do not see it.

``AXE`` names the file ``axe.min.js``.  Without it nothing is judged, and the test that
asks says that it was left out.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page


def axe_file() -> Path:
    """Give the program; the test is left out where there is none."""
    path = Path(os.environ.get("AXE", ""))
    if not path.is_file():
        pytest.skip("AXE does not name axe.min.js")
    return path


def violations(page: Page, program: Path) -> list[str]:
    """Give what is wrong with the open page, rule by rule."""
    page.evaluate(program.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(r => r.violations)")
    return [
        f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]
    ]
