"""How long a file is, what it says first, and what it may not be called."""

import ast

from tests.house.source import ROOT, own_files, product_files, short, tree_of

LONGEST_FILE = 300
LONGEST_FUNCTION = 50
# Tables: nothing is decided in them, and they are read from top to bottom.
TABLES = {"authserver/services/building.py: build"}
VAGUE = {"utils", "helpers", "common", "manager", "misc", "tools"}
COUNTED = (
    "authserver/",
    "authserver_rs/",
    "tests/",
    "bench/",
    "examples/",
    "migrations_disabled/",
)


def test_no_file_is_too_long_to_read():
    """At 250 lines a file gets a look, at 300 a split in a commit of its own."""
    counted = (
        path
        for path in own_files()
        if path.suffix in {".py", ".js", ".mjs"} and short(path).startswith(COUNTED)
    )
    lengths = {short(p): len(p.read_text("utf-8").splitlines()) for p in counted}
    assert {p: n for p, n in lengths.items() if n > LONGEST_FILE} == {}


def test_every_module_says_what_it_is():
    """What it is, and which RFC it keeps."""
    silent = [p for p in product_files() if not ast.get_docstring(tree_of(p))]
    assert [short(path) for path in silent] == []


def test_no_function_is_too_long_to_hold_in_the_head():
    """Counted without its docstring."""
    lengths = {
        f"{short(path)}: {node.name}": body_lines(node)
        for path in product_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    long = {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION}
    assert long.keys() - TABLES == set(), long


def body_lines(function):
    said = function.body[0]
    is_docstring = isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant)
    docstring = said.end_lineno - said.lineno + 1 if is_docstring else 0
    return function.end_lineno - function.lineno + 1 - docstring


def test_names_say_what_is_inside():
    product = [p for p in own_files() if p.suffix == ".py" and "tests" not in p.parts]
    assert [short(p) for p in product if p.stem in VAGUE] == []


def test_the_tree_is_text_of_one_kind():
    """UTF-8, line feeds, a last line that ends; .editorconfig says so too."""
    kinds = {".py", ".cfg", ".toml", ".md", ".html", ".css", ".js", ".txt", ".mjs"}
    for path in own_files():
        if path.suffix in kinds and (data := path.read_bytes()):
            text = data.decode("utf-8")
            assert "\r" not in text, short(path)
            assert text.endswith("\n"), short(path)


def test_pyproject_says_only_what_pip_asks():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    assert len([line for line in lines if line and line[0] != "#"]) == 3
