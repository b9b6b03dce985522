"""What is installed is what lies here; what is imported is what is asked for."""

import configparser
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions

from tests.house.source import PACKAGE, ROOT, imports, own_files, product_files

# On the list of what the server is built from, and met by name in no import of ours:
# these are reached through another package, or are the way to run.
NOT_IMPORTED = {"jinja2", "psycopg2-binary"}
# Part of one that is asked for.
COME_ALONG = {"markupsafe"}
OPTIONAL = {"redis", "maxminddb", "gunicorn", "cheroot", "pyopenssl"}


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


def used_by(files, *, but=frozenset()):
    distributions = packages_distributions()
    strangers = {module for path in files for module in imports(path)}
    strangers -= {*sys.stdlib_module_names, "authserver"}
    return {
        distribution.lower().replace("_", "-")
        for module in strangers - but
        for distribution in distributions.get(module, [module])
    }


def test_what_is_imported_is_asked_for_and_nothing_else():
    used = used_by(product_files())
    asked = names(config()["options"]["install_requires"])
    assert used - asked - OPTIONAL == set(), "add to install_requires"
    assert asked - used - NOT_IMPORTED == set(), "remove from install_requires"


def test_tests_import_what_the_dev_extra_brings():
    """What somebody once installed by hand is not there on a fresh machine."""
    ours = [p for p in own_files() if p.suffix == ".py" and p not in product_files()]
    brought = names(config()["options"]["install_requires"]) | {
        name
        for section in config()["options.extras_require"].values()
        for name in names(section)
    }
    rooms = {"bench", "examples", "tests", "tools", "authserver_rs"}
    rooms |= {path.stem for path in ours}
    assert used_by(ours, but=rooms) - brought - COME_ALONG == set(), "add to dev"


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
