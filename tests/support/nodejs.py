"""Node.js as Playwright brings it along: as new as relying parties of npm want it.

A distribution's own may be years older, and npm's oidc-provider does not run on it.
"""

from pathlib import Path

from playwright._impl._driver import compute_driver_executable


def nodejs() -> Path:
    """The program, the same on every machine."""
    program, _ = compute_driver_executable()
    return Path(program)
