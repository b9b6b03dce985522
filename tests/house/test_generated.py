"""Files that are made from the code are what the code makes: `make generate`."""

import re
import shlex
import subprocess
import sys

import pytest

from tests.house.source import ROOT


def recipes():
    """The lines of `make generate`: (file, the command that prints it)."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^generate:.*\n((?:\t.+\n)+)", makefile, re.MULTILINE)[1]
    for line in recipe.splitlines():
        command, path = line.strip().removeprefix("@").split(" > ")
        yield path, command


@pytest.mark.parametrize(("path", "command"), list(recipes()))
def test_it_is_what_the_code_makes(path, command, tmp_path):
    program, *words = shlex.split(command.replace("$(BIN)/", ""))
    known = {"python": sys.executable}.get(program, f"{sys.prefix}/bin/{program}")
    made = subprocess.run(
        [known, *words],
        cwd=ROOT, env={"AUTHSERVER_HOME": str(tmp_path), "APP_ENV": "test"},
        capture_output=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    kept = (ROOT / path).read_text(encoding="utf-8")
    assert kept == made.stdout, "run `make generate`"


def test_no_example_holds_a_secret():
    """Each line of the example is off, so that a copy of it decides nothing."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
