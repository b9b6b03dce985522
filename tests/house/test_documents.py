"""What the documents promise is there: files they link to, tests they name."""

import re

import pytest

from tests.house.source import ROOT, own_files, short

PAGES = [path for path in own_files() if path.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_links_lead_somewhere(page):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    optional = {"docs/conformance.md"}  # printed from the tests
    lost = [t for t in targets if not (page.parent / t).exists() and t not in optional]
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_tests_that_are_named_exist(page):
    """The threat list of SECURITY.md is worth as much as its tests."""
    for file, name in TEST.findall(page.read_text(encoding="utf-8")):
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), name


def test_commands_that_are_named_exist():
    """`make NAME` in any page is a target."""
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )
    named = {
        word
        for page in PAGES
        for word in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))
    }
    assert named <= targets


def test_each_decision_has_a_number_of_its_own_and_is_listed():
    folder = ROOT / "docs/decisions"
    names = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == names
    for name in names:
        assert (folder / name).read_text().startswith(f"# {name[:4]} ")
