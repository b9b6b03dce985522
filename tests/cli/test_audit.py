"""`authserver audit`: what an operator, or a cron job, is told of the security log."""

import pytest

from tests.support.live import LiveServer, until

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def sealed(settled):
    """A node whose log has been sealed: the first keys, the first administrator."""
    settled.json("audit", "seal")
    return settled


def test_a_whole_log(sealed):
    found = sealed.json("audit", "verify")
    assert found["whole"] is True
    assert found["checked"] == found["last"] > 0
    assert found["waiting"] == 0
    assert sealed.run("audit", "seal").stdout == "Sealed 0 lines.\n"
    said = sealed.run("audit", "verify").stdout
    assert f"{found['last']} lines are as they were written" in said
    assert found["known"] in said
    again = sealed.json("audit", "verify", "--known", found["known"])
    assert again["whole"] is True


def test_a_broken_log_ends_with_1_and_names_the_line(sealed):
    (kept,) = sealed.sql("SELECT reason FROM {}security_events WHERE position = 2")
    sealed.sql("UPDATE {}security_events SET reason = 'other' WHERE position = 2")
    found = sealed.json("audit", "verify", expect=1)
    assert found["whole"] is False
    assert found["fault"]["position"] == 2
    told = sealed.run("audit", "verify")
    assert told.returncode == 1
    assert told.stdout.startswith(f"Line 2 (id {found['fault']['id']}) was changed")
    old = "NULL" if kept[0] is None else f"'{kept[0]}'"
    sealed.sql(f"UPDATE {{}}security_events SET reason = {old} WHERE position = 2")
    assert sealed.json("audit", "verify")["whole"] is True


def test_what_was_known_and_is_not_there_ends_with_1(sealed):
    found = sealed.json("audit", "verify", "--known", "900:x.y", expect=1)
    assert found["fault"] == {
        "what": "was known, and is gone",
        "position": 900,
        "id": None,
    }


@pytest.mark.parametrize("known", ["", "5", "x:y", ":y", "5:"])
def test_what_is_no_place_and_link_is_a_fault_of_the_call(sealed, known):
    assert sealed.run("audit", "verify", "--known", known).returncode == 2


def test_ends_that_were_changed_are_not_sealed_over(sealed):
    sealed.sql("UPDATE {}audit_chain SET last_position = last_position + 1")
    sealed.run("user", "create", "--email", "a@example.test")
    refused = sealed.run("audit", "seal")
    assert (refused.returncode, "audit verify" in refused.stderr) == (2, True)
    sealed.sql("UPDATE {}audit_chain SET last_position = last_position - 1")
    assert sealed.json("audit", "seal")["sealed"] > 0
    assert sealed.json("audit", "verify")["whole"] is True


def test_a_server_of_two_processes_seals_by_itself(database_kind, make_migrated):
    url = make_migrated(database_kind)
    two = ("serve", "--workers", "2")
    with LiveServer(database_url=url, command=two) as server:
        for number in range(3):
            server.cli("user", "create", "--email", f"a{number}@example.test")
        until(lambda: server.cli("audit", "verify")["waiting"] == 0, "the sealing")
        found = server.cli("audit", "verify")
        assert found["whole"] is True
        assert found["checked"] >= 3
