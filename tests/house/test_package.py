"""What is installed is what lies here; what is imported is what is asked for."""

import configparser
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions

from tests.house.source import PACKAGE, ROOT, imports, product_files

# On the list of what the server is built from, and met by name in no import of ours:
# these are reached through another package, or are the way to run.
NOT_IMPORTED = {"jinja2", "psycopg2-binary"}
OPTIONAL = {"redis", "maxminddb", "gunicorn"}


@cache
def config():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def names(text):
    return {
        re.split(r"[ <>=!~;\[]", line.strip())[0].lower().replace("_", "-")
        for line in text.splitlines()
        if line.strip() and not line.startswith("#")
    }


def test_every_room_is_installed():
    """`find:` cannot name the folders at the top of the tree, so the list is ours."""
    rooms = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in PACKAGE.rglob("__init__.py")
    }
    listed = {
        line.strip()
        for line in config()["options"]["packages"].splitlines()
        if line.strip()
    }
    assert listed == rooms | {"authserver._migrations", "authserver._templates"}


def test_what_is_imported_is_asked_for_and_nothing_else():
    distributions = packages_distributions()
    used = {
        distribution.lower().replace("_", "-")
        for path in product_files()
        for module in imports(path) - set(sys.stdlib_module_names) - {"authserver"}
        for distribution in distributions.get(module, [module])
    }
    asked = names(config()["options"]["install_requires"])
    assert used - asked - OPTIONAL == set(), "add to install_requires"
    assert asked - used - NOT_IMPORTED == set(), "remove from install_requires"


def test_every_requirement_has_a_ceiling():
    """A new major version is a decision, not a surprise."""
    lines = config()["options"]["install_requires"].splitlines()
    loose = [line for line in lines if line.strip() and "<" not in line]
    assert loose == []


def test_the_lock_holds_what_is_asked_for():
    for lock, sections in {
        "requirements.lock": [config()["options"]["install_requires"]],
        "requirements-dev.lock": config()["options.extras_require"].values(),
    }.items():
        locked = names((ROOT / lock).read_text())
        for section in sections:
            assert names(section) - {""} <= locked, f"run `make lock`: {lock}"
