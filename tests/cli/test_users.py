"""`authserver user create`: what cannot be is one line, never a traceback."""

import json

import pytest


@pytest.fixture(scope="module")
def claims(tmp_path_factory):
    file = tmp_path_factory.mktemp("claims") / "claims.json"
    file.write_text(json.dumps({"phone_number": "+5581999990000"}))
    return file


def test_a_taken_name_or_number_is_one_line(settled, claims):
    given = ("--username", "ada", "--claims-file", str(claims))
    settled.json("user", "create", "--email", "ada@example.test", *given)
    eve = ("user", "create", "--email", "eve@example.test")
    for more, word in ((given[:2], "user name"), (given[2:], "telephone number")):
        done = settled.run(*eve, *more)
        said = f"authserver: This {word} is taken.\n"
        assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


@pytest.mark.parametrize("text", ["{", "[]", "\udcff"])
def test_a_claims_file_that_is_none_is_refused(settled, here, tmp_path, text):
    file = tmp_path / "claims.json"
    file.write_bytes(text.encode(errors="surrogateescape"))
    eve = ("--email", "eve@example.test", "--claims-file", str(file))
    status, out, err = here(settled, "user", "create", *eve)
    assert (status, out) == (2, "")
    assert "holds no JSON object" in err
    assert "Traceback" not in err
