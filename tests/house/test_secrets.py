"""Nothing in the tree opens a door or tells where it was written."""

import re

import pytest

from tests.house.source import ROOT, own_files, short

TEXT_LIMIT = 2_000_000
# Written in pieces, so that this file is not its own first find.
PRIVATE_KEY = re.compile("BEGIN (RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE" + " KEY")
KNOWN_FORMS = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40}"
    r"|AIza[0-9A-Za-z_-]{35}|xox[abprs]-[0-9A-Za-z-]{20}|sk_live_[0-9a-zA-Z]{20}"
)
HOME = re.compile(r"(?<![\w.:/-])/(home|root|Users|work)/\w")
REGISTRY = re.compile(r"https?://[^\s\"']*(registry|pypi|index-url|/simple/)[^\s\"']*")


def texts():
    for path in own_files():
        if path.stat().st_size < TEXT_LIMIT:
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_private_key_lies_in_the_tree():
    """Those that the tests need are made when they run, or stand in an RFC."""
    found = [short(path) for path, text in texts() if PRIVATE_KEY.search(text)]
    assert [path for path in found if not path.startswith("tests/crypto/")] == []


def test_no_credential_of_a_known_form():
    assert [short(path) for path, text in texts() if KNOWN_FORMS.search(text)] == []


def test_no_path_of_somebodys_machine():
    found = [short(path) for path, text in texts() if HOME.search(text)]
    assert set(found) - {"tests/house/test_secrets.py"} == set()


@pytest.mark.parametrize("pattern", ["*.lock", "**/package-lock.json", "setup.cfg"])
def test_locks_name_hashes_and_no_host(pattern):
    """Where packages come from is the business of the machine that installs them."""
    for path in ROOT.glob(pattern):
        if "node_modules" not in path.parts:
            assert not REGISTRY.search(path.read_text()), short(path)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_archive_is_held_by_a_hash(lock):
    text = (ROOT / lock).read_text()
    blocks = [b for b in re.split(r"\n(?=[a-z0-9])", text) if "==" in b.split("\n")[0]]
    assert len(blocks) > 30
    assert [b.split()[0] for b in blocks if "--hash=sha256:" not in b] == []


def test_what_the_server_writes_is_ignored():
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"/var/", "/keys/*", "!/keys/README.md", ".env", "*.pem"} <= set(ignored)
    assert {p.name for p in own_files() if p.parent == ROOT / "keys"} == {"README.md"}
