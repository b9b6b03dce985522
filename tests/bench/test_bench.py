"""A bench that errs measures nothing: its clients, its clock, its verdicts."""

import json
import subprocess
import sys
from dataclasses import asdict

import pytest

from bench.baseline import bare_server
from bench.browser import hidden_fields, is_elsewhere, path_of
from bench.messages import Request, Response, WrongAnswer, decode, encode
from bench.processes import cpu_seconds, rss_mib
from bench.report import Deployment, Measurement, Report
from bench.scenarios import SCENARIOS, World

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 303 See Other\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
)


@pytest.mark.parametrize(
    ("wire", "status", "body"), [(WHOLE, 200, b"hello"), (CHUNKED, 303, b"hello!")]
)
def test_an_answer_is_read_once_it_is_whole(wire, status, body):
    """RFC 9112 §6, §7.1: whatever pieces it comes in."""
    for length in range(len(wire)):
        assert decode(wire[:length]) is None
    assert decode(wire)[::2] == (status, body)


def test_a_header_may_come_twice():
    assert decode(WHOLE).headers("Set-Cookie") == ["a=1", "b=2"]


def test_a_request_says_how_long_it_is():
    wire = encode(Request("POST", "/token", (("A", "b"),), "x=1"), "h:1")
    assert (
        wire
        == b"POST /token HTTP/1.1\r\nHost: h:1\r\nA: b\r\nContent-Length: 3\r\n\r\nx=1"
    )


def test_a_status_that_was_not_expected_is_told_with_the_answer():
    with pytest.raises(WrongAnswer, match=r"500 instead of \(200,\): broken"):
        Response(500, [], b"broken").expect(200)


def test_hidden_fields_are_read_as_a_browser_reads_them():
    page = b'<input name="csrf_token" type="hidden" value="a&amp;b"><input name="x">'
    assert hidden_fields(Response(200, [], page)) == {"csrf_token": "a&b"}


def test_a_redirect_to_the_client_is_not_followed():
    assert is_elsewhere("https://client.example/cb?code=1")
    assert not is_elsewhere("/consent?interaction=1")
    assert path_of("http://127.0.0.1:3000/consent?interaction=1") == (
        "/consent?interaction=1"
    )


def test_the_cpu_time_of_a_child_is_counted_while_it_lives_and_after():
    work = (
        "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"
    )
    code = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {work!r}], stdout=-1, stdin=-1)\n"
        "child.stdout.readline(); print(flush=True); input()\n"
        "child.communicate(b'\\n'); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=-1, stdout=-1, text=True, bufsize=1
    ) as parent:
        parent.stdout.readline()
        alive, sizes = cpu_seconds(parent.pid), rss_mib(parent.pid)
        parent.stdin.write("\n")
        parent.stdout.readline()
        reaped = cpu_seconds(parent.pid)
        parent.stdin.write("\n")
    assert len(sizes) == 2
    assert 0.25 < alive <= reaped < 2


def test_the_clients_count_whole_laps_and_wrong_answers():
    with bare_server(1) as (port, _):
        fine = load("jwks", World("127.0.0.1", port, "", "", "", [], ""))
        wrong = load("introspection", World("127.0.0.1", port, "", "", "", ["a"], ""))
    assert fine["laps"] > 3
    assert 0 < fine["p50_ms"] <= fine["p99_ms"]
    assert fine["errors"] == []
    assert wrong["laps"] == 0
    assert len(wrong["errors"]) == 3


def load(scenario, world):
    job = {
        "scenario": scenario,
        "connections": 3,
        "seconds": 0.2,
        "world": asdict(world),
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(job) + "\ngo\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[1])


def measured(**changed):
    given = {
        "scenario": "jwks", "connections": 16, "laps": 10, "seconds": 1.0, "p50_ms": 1.0,
        "p99_ms": 2.0, "server_ms": 0.03, "database_ms": 0.01, "errors": [],
    }  # fmt: skip
    return Measurement(**given | changed)


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (measured(), ""),
        (measured(database_ms=0.03), "jwks: 0.060 CPU-ms of 0.05 budgeted"),
        (measured(database_ms=0.03, connections=1), ""),
        (measured(connections=64, p99_ms=8.0), ""),
        (measured(connections=64, p99_ms=8.1), "8 times"),
    ],
)
def test_a_broken_budget_is_named(one, sentence):
    place = Deployment("postgresql", 0.5, [80.0], [90.0], [one])
    report = Report("machine", 0.02, 0.2, 0.6, [100.0], [place])
    assert sentence in "".join(report.over_budget())
    assert bool(sentence) == bool(report.over_budget())


def test_every_scenario_has_a_row_in_both_tables():
    rows = [measured(scenario=name) for name in SCENARIOS]
    place = Deployment("sqlite", 0.5, [80.0], [90.0], rows)
    report = Report("machine", 0.02, 0.2, 0.6, [100.0], [place])
    assert report.over_budget() == []
    for name in SCENARIOS:
        assert f"\n{name} " in report.as_text()
        assert f"\n| {name} | " in report.as_markdown()
