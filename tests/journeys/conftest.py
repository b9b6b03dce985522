"""What the journeys in Chromium stand on."""

from tests.journeys.stage import (  # noqa: F401 -- fixtures
    browser,
    demo,
    new_context,
    owner,
    with_scripts,
)
