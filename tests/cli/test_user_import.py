"""`authserver user import`: all or nobody, a dry run, and what a script is told."""

import json

import pytest

pytestmark = pytest.mark.live

HASH = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
GOOD = f"a@import.test;Ana Ção;{HASH};true"
HEAD = "email;nome;passwordHash;emailVerified"


@pytest.fixture
def write(tmp_path):
    def write(*rows, name="people.csv", encoding="utf-8-sig"):
        path = tmp_path / name
        path.write_text("\r\n".join([HEAD, *rows, ""]), encoding=encoding, newline="")
        return str(path)

    return write


@pytest.fixture(autouse=True)
def nobody_left(settled):
    yield
    settled.sql("DELETE FROM {}users WHERE email LIKE '%@import.test'")


def people(node):
    rows = node.sql("SELECT email FROM {}users WHERE email LIKE '%@import.test'")
    return sorted(email for (email,) in rows)


def test_people_are_kept(settled, write):
    found = settled.json("user", "import", write(GOOD, f"b@import.test;B;{HASH};0"))
    assert (found["read"], found["imported"], found["kept"]) == (2, 2, True)
    assert found["hashes"] == {"bcrypt": 2}
    assert people(settled) == ["a@import.test", "b@import.test"]
    ((kept, name),) = settled.sql(
        "SELECT password_hash, full_name FROM {}users WHERE email = 'a@import.test'"
    )
    assert (kept, name) == (HASH, "Ana Ção")


def test_with_one_fault_nobody_is_kept(settled, write):
    file = write(GOOD, "b@import.test;B;what is this;true")
    found = settled.json("user", "import", file, expect=1)
    assert (found["kept"], found["imported"], found["faulty"]) == (False, 1, 1)
    assert found["faults"] == [
        {
            "line": 3,
            "field": "password_hash",
            "message": "is of no kind that can be verified here",
        }
    ]
    assert people(settled) == []
    told = settled.run("user", "import", file)
    assert told.returncode == 1
    assert "line 3: password_hash is of no kind" in told.stdout
    assert "Nothing was kept." in told.stdout


def test_faulty_lines_may_be_left_out(settled, write):
    file = write(GOOD, "b@import.test;B;what is this;true")
    found = settled.json("user", "import", file, "--skip-faulty")
    assert (found["kept"], found["imported"]) == (True, 1)
    assert people(settled) == ["a@import.test"]


def test_a_dry_run_keeps_nobody(settled, write):
    file = write(GOOD)
    found = settled.json("user", "import", file, "--dry-run")
    assert (found["kept"], found["imported"], found["dry_run"]) == (False, 1, True)
    assert people(settled) == []
    bad = write("x;B;;true")
    found = settled.json("user", "import", bad, "--dry-run", "--skip-faulty", expect=1)
    assert found["kept"] is False


def test_json_too(settled, tmp_path):
    path = tmp_path / "people.json"
    one = {"email": "a@import.test", "passwordHash": HASH, "roles": ["user"]}
    path.write_text(json.dumps([one]))
    assert settled.json("user", "import", str(path))["imported"] == 1
    assert people(settled) == ["a@import.test"]


def test_what_is_no_file_of_people_is_a_fault_of_the_call(settled, write, tmp_path):
    assert settled.run("user", "import", str(tmp_path / "none.csv")).returncode == 2
    assert settled.run("user", "import", write(name="people.txt")).returncode == 2
    latin = write(GOOD, encoding="latin-1")
    refused = settled.run("user", "import", latin)
    assert (refused.returncode, "UTF-8" in refused.stderr) == (2, True)
    (tmp_path / "x.csv").write_text("email,shoe_size\n")
    refused = settled.run("user", "import", str(tmp_path / "x.csv"))
    assert (refused.returncode, "shoe_size" in refused.stderr) == (2, True)
