"""The logs at the console: narrowed, taken away as a file, checked."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from authserver.models import LoginRecord, SecurityEvent, User
from tests.console.people import events
from tests.support.noon import NOON
from tests.support.reader import Reader

TODAY, DAY = NOON.date(), timedelta(days=1)


@pytest.fixture
def admin(enter: Callable[..., Reader]) -> Reader:
    return enter("admin")


@pytest.fixture
def bob(add: Callable[..., str], make_reader: Callable[..., Reader]) -> str:
    """Bob, who has tried with a wrong password, and then with the right one."""
    user_id = add("bob")
    reader = make_reader(ip="198.51.100.9")
    reader.sign_in("bob@example.test", "not the password")
    reader.sign_in("bob@example.test")
    return user_id


def lines(reader: Reader) -> list[str]:
    found = [e for e in reader.document.get("lines").walk() if e.tag == "tr"]
    return [one.text for one in found[1:]]


def test_sign_ins_are_narrowed(admin, bob):
    page = "/console/logs/sign-ins"
    assert len(lines(admin.open(page))) == 3
    for query, count in {
        "status=failure": 1,
        f"user_id={bob}": 2,
        "ip=198.51.100.9&status=success": 1,
        f"since={TODAY}&until={TODAY}": 3,
    }.items():
        assert len(lines(admin.open(f"{page}?{query}"))) == count, query
    for query in (f"until={TODAY - DAY}", f"since={TODAY + DAY}", "ip=192.0.2.1"):
        assert admin.open(f"{page}?{query}").has("empty"), query


@pytest.mark.parametrize(
    "query",
    ["status=x", "user_id=bob", "ip=x", "since=20.11.2026", "until=2026-13-01"],
)
def test_a_filter_that_is_none_is_told_beside_its_field(admin, query):
    admin.open(f"/console/logs/sign-ins?{query}")
    assert admin.status == 422
    assert admin.has(f"{query.partition('=')[0]}-error")
    assert admin.open(f"/console/logs/sign-ins.csv?{query}").status == 404


def test_events_are_narrowed_by_what_whom_and_trace(admin, bob, db):
    admin.open(f"/console/users/{bob}/lock").fill(reason="asked by legal")
    admin.press("confirm-submit")
    (locked,) = events(db, "user:account:locked")
    page = "/console/logs/security"
    for query in (
        "event=user:account:locked",
        f"trace_id={locked.trace_id}&event=user:account",
        f"actor_id={locked.actor_id}&user_id={bob}",
    ):
        found = lines(admin.open(f"{page}?{query}"))
        assert len(found) == 1, query
        assert "asked by legal" in found[0]
        assert "bob@example.test" in found[0]
        assert "admin@example.test" in found[0]
    assert len(lines(admin.open(f"{page}?trace_id={locked.trace_id}"))) >= 1
    assert admin.open(f"{page}?event=DROP").status == 422
    assert admin.open(f"{page}?trace_id=xyz").status == 422


def test_a_sign_in_is_found_by_the_reference_of_its_page(admin, bob, db):
    row = db.session.query(LoginRecord).filter_by(status="failure").first()
    assert len(row.trace_id) == 32
    (found,) = lines(admin.open(f"/console/logs/sign-ins?trace_id={row.trace_id}"))
    assert row.trace_id in found
    none = admin.open(f"/console/logs/sign-ins?trace_id={'0' * 32}")
    assert none.has("empty")


def test_a_log_is_taken_away_whole_and_that_is_written_down(admin, bob, db):
    admin.open("/console/logs/sign-ins?status=failure")
    href = admin.document.get("export-csv").get("href")
    admin.open(href)
    assert admin.answer.mimetype == "text/csv"
    assert "attachment" in admin.answer.headers["Content-Disposition"]
    table = list(csv.DictReader(io.StringIO(admin.answer.text)))
    assert [row["attempted_email"] for row in table] == ["bob@example.test"]
    assert table[0]["created_at"].endswith("Z")
    (taken,) = events(db, "system:log:exported")
    assert taken.facts == {"log": "sign-ins", "narrowed": {"status": "failure"}}

    admin.open("/console/logs/security")
    admin.open(admin.document.get("export-json").get("href"))
    told = [json.loads(line) for line in admin.answer.text.splitlines()]
    assert {"event", "facts", "trace_id"} <= told[0].keys()
    assert "chain" not in told[0]
    assert "system:log:exported" in {one["event"] for one in told}


def test_what_somebody_typed_is_no_formula(admin, make_reader):
    """CWE-1236."""
    make_reader().sign_in("=cmd|calc@example.test")
    admin.open("/console/logs/sign-ins.csv")
    row = next(
        r for r in csv.DictReader(io.StringIO(admin.answer.text))
        if "cmd" in r["attempted_email"]
    )  # fmt: skip
    assert row["attempted_email"].startswith("'=")


@pytest.mark.parametrize("form", ["xml", "json", "..%2f", "CSV"])
def test_there_is_no_other_file(admin, form):
    assert admin.open(f"/console/logs/security.{form}").status == 404


def test_the_chain_is_checked_by_a_button(admin, services, db):
    services.audit_seal.seal()
    db.session.commit()
    admin.open("/console/logs/security").link("chain-check")
    assert not admin.has("verdict")
    admin.press("chain-submit")
    assert admin.document.get("verdict").text == "The log is what was written."
    row = db.session.query(SecurityEvent).filter(SecurityEvent.position == 1).one()
    row.reason = "changed behind its back"
    db.session.commit()
    admin.press("chain-submit")
    assert admin.document.get("verdict").text == "The log is not what was written."
    assert "was changed" in admin.text


def test_lines_of_people_who_are_gone_still_say_who(admin, bob, db):
    """A deleted row would break no page: the id stands in for the name."""
    db.session.query(User).filter_by(email="bob@example.test").delete()
    db.session.commit()
    assert bob in admin.open("/console/logs/sign-ins").text


def test_the_next_page_goes_on_where_this_one_ended(admin, services, db):
    for number in range(70):
        services.audit.record_signin(
            user_id=None, identifier=f"nobody-{number:02d}", method="password"
        )
    db.session.commit()
    seen: list[str] = []
    admin.open("/console/logs/sign-ins?status=success")
    while True:
        seen += [w for line in lines(admin) for w in line.split() if "nobody" in w]
        if not admin.has("page-next"):
            break
        admin.link("page-next")
    assert seen == [f"nobody-{number:02d}" for number in reversed(range(70))]
