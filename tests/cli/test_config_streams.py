"""`authserver config`: streams of security events, beside the apps that they are of."""

import json

import pytest

from authserver.core.signals import PUSH
from tests.cli.config_operator import EVENTS

SECRET, OTHER = "Bearer one-that-nobody-may-see", "Bearer another-of-these"
APP = "clients:\n  - client_id: app\n    grant_types: [client_credentials]\n"
STREAM = f"""\
streams:
  - client_id: app
    method: {PUSH}
    endpoint_url: https://a.example/events
"""
HEADER = "    authorization_header: ${env:APP_HEADER}\n"
COUNT = "SELECT count(*) FROM {}event_streams"
STATUS = "SELECT status FROM {}event_streams"


def shown(services):
    """What is shown at the endpoint of the app, in the clear."""
    keeping = services.stream_keeping
    app = services.clients.get("app")
    return keeping.header_of(keeping.of(app), app)


def test_an_app_and_its_stream_come_and_go_together(operator):
    # What leans on another stands before it here: the order is ours to find.
    told = operator.apply(STREAM + APP)
    made = [(one["section"], one["action"]) for one in told["changes"]]
    assert made == [("clients", "create"), ("streams", "create")]
    assert operator.run("diff", APP + STREAM) == (0, "Nothing to do.\n")
    gone = operator.apply("clients: []\nstreams: []\n", "--prune")["changes"]
    # The stream first, so that its end has a row of its own in the log.
    assert [one["section"] for one in gone] == ["streams", "clients"]
    assert [event for (event,) in operator.sql(EVENTS)[-4:]] == [
        "client:self:created",
        "client:stream:changed",
        "client:stream:changed",
        "client:self:deleted",
    ]
    operator.apply(APP + STREAM)
    operator.apply("clients: []\n", "--prune")
    assert operator.sql(COUNT) == [(0,)]


def test_a_header_is_given_by_reference_and_told_to_nobody(
    operator, services, monkeypatch
):
    whole = APP + STREAM + HEADER
    assert operator.run("apply", whole, "--yes")[0] == 1
    monkeypatch.setenv("APP_HEADER", SECRET)
    status, said = operator.run("apply", whole, "--yes")
    assert (status, SECRET in said, shown(services)) == (0, False, SECRET)
    assert operator.run("plan", whole)[0] == 0

    monkeypatch.setenv("APP_HEADER", OTHER)
    (change,) = operator.json("plan", whole, expect=2)["changes"]
    assert list(change["fields"]) == ["authorization_header"]
    assert OTHER not in json.dumps(change)
    assert SECRET not in json.dumps(change)
    assert shown(services) == SECRET
    operator.apply(whole)
    assert shown(services) == OTHER
    # Silence leaves it, wherever else the stream changes.
    operator.apply(APP + STREAM + "    description: Another\n")
    assert shown(services) == OTHER
    exported = operator.export()
    assert "description: Another" in exported
    assert OTHER not in exported
    assert "authorization_header" not in exported.partition("\nclients:")[2]
    logged = operator.sql("SELECT facts FROM {}security_events")
    assert OTHER not in str(logged)


def test_a_header_in_the_file_itself_is_refused(operator):
    plain = APP + STREAM + f"    authorization_header: {SECRET}\n"
    status, said = operator.run("apply", plain, "--yes")
    assert (status, SECRET in said) == (1, False)
    assert said.startswith(
        f"{operator.file}:8: streams.0.authorization_header: Refer to it"
    )
    assert operator.sql(COUNT) == [(0,)]


def test_silence_lets_nothing_flow_that_somebody_has_stopped(operator):
    operator.apply(APP + STREAM + "    status: paused\n")
    assert operator.run("plan", APP + STREAM)[0] == 0
    operator.apply(APP + STREAM + "    description: Another\n")
    assert operator.sql(STATUS) == [("paused",)]
    assert "status: paused\n" in operator.export()
    operator.apply(APP + STREAM + "    status: enabled\n")
    assert operator.sql(STATUS) == [("enabled",)]


def test_an_app_that_is_switched_off_keeps_its_stream(operator):
    operator.apply(APP + STREAM)
    off = APP + "    disabled: true\n"
    operator.apply(off + STREAM)
    assert operator.sql(STATUS) == [("enabled",)]
    kept = operator.export()
    assert "endpoint_url: https://a.example/events" in kept
    operator.apply("clients: []\n", "--prune")
    operator.apply(kept)
    assert operator.export() == kept
    operator.apply(off + STREAM.replace("/events", "/e"))
    assert "endpoint_url: https://a.example/e\n" in operator.export()
    operator.apply("streams: []\n", "--prune")
    assert operator.sql(COUNT) == [(0,)]


FAULTY = f"""\
clients:
  - client_id: app
    grant_types: [client_credentials]
  - client_id: faulty
    grant_types: [client_credentials]
    skip_consent: 1
streams:
  - client_id: app
    method: {PUSH}
    endpoint_url: ftp://a.example
    description: "two\\nlines"
  - client_id: faulty
  - client_id: nobody
  - client_id: authserver
  - client_id: app
    endpoint_url: https://a.example/
"""


def test_every_fault_of_a_stream_is_named_with_its_line(operator):
    exported, events = operator.export(), operator.sql(EVENTS)
    for verb, *more in (("plan",), ("apply", "--yes")):
        status, said = operator.run(verb, FAULTY, *more)
        assert status == 1
        named = [line.removeprefix(f"{operator.file}:") for line in said.splitlines()]
        assert [line.split(":")[0:2] for line in named[:-1]] == [
            ["6", " clients faulty skip_consent"],
            ["10", " streams app endpoint_url"],
            ["11", " streams app description"],
            ["13", " streams nobody client_id"],
            ["14", " streams authserver client_id"],
            ["15", " streams app client_id"],
        ]
    assert (operator.export(), operator.sql(EVENTS)) == (exported, events)


@pytest.mark.parametrize(
    ("member", "line"),
    [
        ("method: mail", 3),
        ("status: on", 3),
        ("endpoint_url: https://a.example/", 3),  # events that are fetched
        ("authorization_header: '${env:APP_HEADER}'", 3),
        ("events_requested: urn:one", 3),
        ("events_requested: ['']\n    reason: x", 4),
        ("events_requested: [1]", 3),
    ],
)
def test_a_member_that_cannot_be_is_refused(operator, monkeypatch, member, line):
    monkeypatch.setenv("APP_HEADER", SECRET)
    faulty = f"streams:\n  - client_id: app\n    {member}\n{APP}"
    status, said = operator.run("apply", faulty, "--yes")
    assert status == 1
    assert said.startswith(f"{operator.file}:{line}: streams")
    assert said.count("\n") == 2
    assert SECRET not in said
    assert operator.sql(COUNT) == [(0,)]


def test_a_file_cannot_keep_the_stream_of_an_app_that_it_takes_away(operator):
    operator.apply(APP + STREAM)
    torn = f"clients: []\n{STREAM}"
    for text in (torn, torn.replace("/events", "/e")):
        assert operator.run("diff", text)[0] == 2
        status, said = operator.run("apply", text, "--yes", "--prune")
        assert status == 1
        assert said.startswith(f"{operator.file}:3: streams app client_id: This is not")
        assert said.count("\n") == 2
    assert operator.sql(COUNT) == [(1,)]


def test_the_stream_of_an_app_that_registered_itself_is_left_alone(operator):
    operator.apply(APP + STREAM)
    operator.sql("UPDATE {}clients SET registered_by = 'open' WHERE client_id = 'app'")
    assert "a.example" not in operator.export()
    status, said = operator.run("plan", STREAM)
    assert (status, "no such app among those" in said) == (1, True)
    operator.apply("clients: []\nstreams: []\n", "--prune")
    assert operator.sql(COUNT) == [(1,)]
