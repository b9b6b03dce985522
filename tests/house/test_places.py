"""Each thing is done in one place; and some are done nowhere.

A rule is here once it has been broken, or once breaking it would not show.
"""

import ast
import re

import pytest

from tests.house.source import (
    PACKAGE,
    calls,
    imports,
    own_files,
    product_files,
    short,
    tree_of,
)

# What is touched: where it may be, and why nowhere else.
ONLY_IN = {
    # Settings are read once, and all faults are told at once.
    r"os\.(environ|getenv|putenv|environb)": {"config/reader.py"},
    # Tests stop the clock.
    r"(datetime\.)*(datetime|date)\.(now|utcnow|today)": {"clock.py"},
    r"time\.(time|time_ns|localtime|gmtime)": {"clock.py"},
    # One request, one commit; deliveries and commands are no requests.
    r".*\.commit": {
        "http/unit_of_work.py",
        "http/delivery.py",
        "http/notifying.py",
        "cli/",
    },
    # Logs go to the log; commands speak through click.
    r"print|pprint|sys\.stdout\.write": {"config/__main__.py", "api/__main__.py"},
    # Secrets come from the system's generator.
    r"random\..*": set(),
    r"eval|exec|pickle\..*|marshal\..*|yaml\.load": set(),
    # Every text that a template marks as safe is a hole waiting for its input.
    r"(markupsafe\.)?Markup": {"web/", "oidc/form_post.py", "adapters/"},
    # A process is started by the commands alone.
    r"subprocess\..*|os\.(system|popen|exec\w+|fork)": {"cli/"},
    # The one outbound client refuses private addresses, large and slow answers.
    r"(urllib\.request|requests|http\.client)\..*": {"adapters/"},
}


@pytest.mark.parametrize(("touched", "homes"), ONLY_IN.items())
def test_it_is_done_in_one_place(touched, homes):
    pattern = re.compile(touched)
    strays = {
        f"{short(path)}: {name}"
        for path in product_files()
        for name in calls(path)
        if pattern.fullmatch(name) and not is_home(path, homes)
    }
    assert strays == set()


def is_home(path, homes):
    place = path.relative_to(PACKAGE).as_posix()
    return any(place.startswith(home) for home in homes)


def test_authlib_is_known_to_the_protocol_face_alone():
    """And to the social adapters, which speak to other people's servers with it."""
    knowing = {path for path in product_files() if "authlib" in imports(path)}
    homes = {"oidc/", "adapters/social/"}
    assert [short(path) for path in knowing if not is_home(path, homes)] == []


def test_nothing_is_swallowed_and_nothing_is_left_empty():
    found = {
        f"{short(path)}:{node.lineno}"
        for path in product_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Pass)
        or (isinstance(node, ast.ExceptHandler) and node.type is None)
        or (isinstance(node, ast.Name) and node.id == "NotImplementedError")
    }
    assert found == set()


def test_nothing_is_marked_to_be_done_later():
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    kinds = {".py", ".html", ".js", ".css", ".md", ".cfg", ".sql", ".mjs"}
    for path in own_files():
        if path.suffix in kinds:
            assert not marks.search(path.read_text(encoding="utf-8")), short(path)
