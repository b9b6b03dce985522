"""Files that are made from the code are what the code makes: `make generate`."""

import subprocess
import sys

import pytest

from tests.house.source import ROOT


@pytest.mark.parametrize(
    ("path", "command"),
    [
        (".env.example", ("authserver.config", "env")),
        ("docs/settings.md", ("authserver.config", "md")),
    ],
)
def test_it_is_what_the_code_makes(path, command):
    module, *words = command
    made = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT, capture_output=True, check=True, encoding="utf-8",
    ).stdout  # fmt: skip
    assert (ROOT / path).read_text(encoding="utf-8") == made, "run `make generate`"


def test_no_example_holds_a_secret():
    """Each line of the example is off, so that a copy of it decides nothing."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
