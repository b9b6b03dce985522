"""What pip installs is whole: templates, styles, words and migrations come along."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT, own_files

MIGRATE = "from authserver.cli import main; main()"
LOOK = """
import authserver
from authserver.app import create_app
from authserver.config import load
browser = create_app(load()).test_client()
for path in ("/signin", "/static/style.css", "/.well-known/openid-configuration"):
    print(browser.get(path).status_code, path)
print(authserver.__file__)
"""

pytestmark = pytest.mark.live


def run(*command, cwd, **env):
    environ = {"PATH": os.environ["PATH"], **env}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A wheel made from what is kept in git, unpacked where nothing else is ours."""
    folder = tmp_path_factory.mktemp("wheel")
    for path in own_files():
        copy = folder / "source" / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    pip = ("-m", "pip", "--disable-pip-version-check", "-q")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder,
        folder / "source", cwd=folder)  # fmt: skip
    wheel = next(folder.glob("*.whl"))
    run(*pip, "install", "--no-deps", "--no-index", "-t", folder / "site", wheel,
        cwd=folder)  # fmt: skip
    return folder / "site"


def test_it_migrates_and_shows_its_pages_from_the_wheel(installed, tmp_path):
    env = {
        "PYTHONPATH": str(installed),
        "APP_ENV": "test",
        "AUTHSERVER_HOME": str(tmp_path),
    }
    run("-c", MIGRATE, "db", "upgrade", cwd=tmp_path, **env)
    *answers, place = run("-c", LOOK, cwd=tmp_path, **env).splitlines()
    assert [line.split()[0] for line in answers] == ["200"] * 3, answers
    assert Path(place).is_relative_to(installed), "that was another authserver"


def test_every_file_that_is_no_python_is_in_the_wheel(installed):
    package = installed / "authserver"
    for folder, inside in {
        ROOT / "templates": package / "_templates",
        ROOT / "migrations_disabled": package / "_migrations",
        ROOT / "authserver": package,
    }.items():
        kept = {p.relative_to(folder) for p in own_files() if p.is_relative_to(folder)}
        assert [str(path) for path in kept if not (inside / path).is_file()] == []
