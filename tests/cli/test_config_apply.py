"""`authserver config plan | diff | apply`: one change for one line, all or nothing."""

import json

import pytest

from tests.cli.config_operator import EVENTS

SECRET = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
OTHER = "f9e8d7c6b5a493827160f5e4d3c2b1a0"

FULL = """\
institutions:
  - code: default
    name: Default
  - code: ufpe
    name: Pernambuco
roles:
  - name: auditor
    permissions: [logs:read]
resources:
  - identifier: https://notes.example
    name: Notes
    scopes:
      notes:read: {en: Read}
    token_ttl: 300
detail_types:
  - type: payment
    fields:
      amount: {type: number, minimum: 0.5}
    texts: {en: Pay}
clients:
  - client_id: shop
    client_name: Shop
    client_name#pt-BR: Mercado
    redirect_uris: [https://shop.example/cb]
    skip_consent: true
    refresh_ttl: 3600
  - client_id: bot
    grant_types: [client_credentials]
streams:
  - client_id: bot
    method: urn:ietf:rfc:8935
    endpoint_url: https://bot.example/events
    events_requested: [https://b.example/event, https://a.example/event]
    description: For the bot
    status: paused
"""


CHANGED = [
    ("name: Pernambuco", "name: UFPE", "institutions", "name"),
    ("[logs:read]", "[logs:read, stats:read]", "roles", "permissions"),
    ("token_ttl: 300", "token_ttl: 301", "resources", "token_ttl"),
    ("en: Read", "en: See", "resources", "scopes"),
    ("minimum: 0.5", "minimum: 0.25", "detail_types", "fields"),
    ("example/cb", "example/cb2", "clients", "redirect_uris"),
    ("skip_consent: true", "skip_consent: false", "clients", "skip_consent"),
    ("refresh_ttl: 3600", "refresh_ttl: 60", "clients", "refresh_ttl"),
    ("Mercado", "Feira", "clients", "client_name#pt-BR"),
    ("bot.example/events", "bot.example/e", "streams", "endpoint_url"),
    ("a.example/event", "c.example/event", "streams", "events_requested"),
    ("For the bot", "For all bots", "streams", "description"),
    ("status: paused", "status: enabled", "streams", "status"),
]
LOGGED = {
    "institutions": "institution:self:changed",
    "roles": "role:self:changed",
    "resources": "resource:self:changed",
    "detail_types": "detail-type:self:changed",
    "clients": "client:self:changed",
    "streams": "client:stream:changed",
}


@pytest.mark.parametrize(("before", "after", "section", "field"), CHANGED)
def test_a_changed_line_is_one_change(operator, before, after, section, field):
    operator.apply(FULL)
    exported, events = operator.export(), operator.sql(EVENTS)
    assert FULL.count(before) == 1
    edited = FULL.replace(before, after)
    for verb in ("plan", "diff", "apply"):
        told = operator.json(verb, edited, expect=2)
        (change,) = told["changes"]
        assert (change["section"], change["action"]) == (section, "change")
        assert list(change["fields"]) == [field]
        assert told["applied"] is False
    assert (operator.export(), operator.sql(EVENTS)) == (exported, events)
    assert operator.apply(edited)["changes"] == [change]
    assert operator.sql(EVENTS) == [*events, (LOGGED[section],)]
    assert operator.run("plan", edited) == (0, "Nothing to do.\n")
    assert operator.apply(edited)["changes"] == []
    assert operator.sql(EVENTS) == [*events, (LOGGED[section],)]


def test_one_fault_keeps_everything_from_changing(operator):
    exported, events = operator.export(), operator.sql(EVENTS)
    faulty = FULL.replace("skip_consent: true", "skip_consent: 1")
    for verb, *more in (("plan",), ("diff",), ("apply", "--yes", "--prune")):
        status, said = operator.run(verb, faulty, *more)
        assert status == 1
        assert said.startswith(f"{operator.file}:25: clients shop skip_consent: must")
        assert said.endswith("\nNothing was changed.\n")
    # What only the registry sees, once the others have been written.
    taken = FULL.replace("logs:read", "users:fly")
    status, said = operator.run("apply", taken, "--yes")
    assert status == 1
    assert said.startswith(f"{operator.file}:8: roles auditor permissions: Unknown")
    assert (operator.export(), operator.sql(EVENTS)) == (exported, events)


@pytest.mark.parametrize(
    "content", ["", "- a\n", "roles: {}\n", "a: [\n", "roles: [1]", "version: 2\n"]
)
def test_what_is_no_configuration_is_refused(operator, content):
    status, said = operator.run("apply", content, "--yes", "--prune")
    assert status == 1
    assert said.startswith(f"{operator.file}:")


def test_what_is_not_in_the_file_stays_unless_it_is_pruned(operator):
    operator.apply(FULL)
    few = "institutions: [{code: default, name: Default}]\nroles: []\n"
    gone = {("institutions", "ufpe"), ("roles", "auditor")}
    assert operator.run("plan", few)[0] == 0
    told = operator.json("diff", few, expect=2)
    assert {(one["section"], one["key"]) for one in told["not_in_file"]} == gone
    done = operator.apply(few, "--prune")["changes"]
    assert {(one["section"], one["key"]) for one in done} == gone
    assert {one["action"] for one in done} == {"delete"}
    names = [name for (name,) in operator.sql("SELECT name FROM {}roles ORDER BY name")]
    assert names == ["admin", "editor", "super_admin", "user"]
    operator.apply("clients: []\nresources: []\ndetail_types: []\n", "--prune")
    assert operator.sql("SELECT client_id FROM {}clients") == [("authserver",)]
    assert operator.sql("SELECT count(*) FROM {}event_streams") == [(0,)]
    assert operator.sql("SELECT count(*) FROM {}resources") == [(0,)]


def test_a_role_that_somebody_holds_is_not_pruned(operator, services, db):
    operator.apply(FULL)
    services.people.add(email="ada@example.test", roles=["auditor"])
    db.session.commit()
    none = "institutions: []\nroles: []\n"
    status, said = operator.run("apply", none, "--yes", "--prune")
    assert status == 1
    assert f"{operator.file}: roles auditor: Somebody still holds this role." in said
    assert ("ufpe",) in operator.sql("SELECT code FROM {}institutions")


def test_a_scope_moves_from_one_api_to_another(operator):
    apis = (
        "resources:\n"
        "  - {{identifier: 'https://a.example', name: A, scopes: {{{a}}}}}\n"
        "  - {{identifier: 'https://b.example', name: B, scopes: {{{b}}}}}\n"
    )
    for a, b in (("", "move: {}"), ("move: {}", ""), ("", "move: {}")):
        assert len(operator.apply(apis.format(a=a, b=b))["changes"]) == 2
    status, said = operator.run("plan", apis.format(a="move: {}", b="move: {}"))
    assert status == 1
    assert said.startswith(f"{operator.file}:2: resources https://a.example: ")


def test_who_registers_itself_is_left_alone(operator):
    operator.apply(FULL)
    operator.sql("UPDATE {}clients SET registered_by = 'open' WHERE client_id = 'shop'")
    assert "client_id: shop" not in operator.export()
    status, said = operator.run("plan", FULL)
    assert status == 1
    assert "clients shop client_id: This client has registered itself." in said
    operator.apply("clients: []", "--prune")
    names = operator.sql("SELECT client_id FROM {}clients ORDER BY client_id")
    assert names == [("authserver",), ("shop",)]


APP = "clients:\n  - client_id: app\n    redirect_uris: [https://a.example/]\n"
COUNT = "SELECT count(*) FROM {}client_secrets"


def with_secret(reference):
    return f"{APP}    client_secret: ${{{reference}}}\n"


OFF = "SELECT count(*) FROM {}clients WHERE disabled_at IS NOT NULL"


def test_an_app_is_switched_off_and_on_and_never_on_by_silence(operator, services):
    off, on = (f"{APP}    disabled: {said}\n" for said in ("true", "false"))
    operator.apply(off)
    assert operator.sql(OFF) == [(1,)]
    assert services.clients.find("app") is None
    assert operator.run("diff", APP)[0] == operator.run("apply", APP, "--yes")[0] == 0
    assert operator.sql(OFF) == [(1,)]
    assert "disabled: true\n" in operator.export()
    (change,) = operator.json("plan", on, expect=2)["changes"]
    assert change["fields"] == {"disabled": {"before": True, "after": False}}
    assert operator.sql(OFF) == [(1,)]
    operator.apply(on)
    assert operator.sql(OFF) == [(0,)]
    services.clients.cache.clear()
    assert services.clients.find("app") is not None
    operator.apply(off)
    events = [event for (event,) in operator.sql(EVENTS)]
    assert events[-4:] == ["client:self:created", *SWITCHED]


SWITCHED = ("client:self:disabled", "client:self:enabled", "client:self:disabled")


def test_a_secret_is_given_by_reference(operator, services, tmp_path, monkeypatch):
    kept = tmp_path / "secret"
    kept.write_text(f"{SECRET}\n")
    first, second = with_secret(f"file:{kept}"), with_secret("env:APP_SECRET")
    status, said = operator.run("apply", first, "--yes")
    assert (status, operator.sql(COUNT), SECRET in said) == (0, [(1,)], False)
    assert services.clients.has_secret(services.clients.find("app"), SECRET)
    assert operator.run("plan", first)[0] == 0
    assert operator.run("plan", second)[0] == 1

    monkeypatch.setenv("APP_SECRET", OTHER)
    status, said = operator.run("plan", second)
    assert (status, operator.sql(COUNT), OTHER in said) == (2, [(1,)], False)
    assert OTHER not in json.dumps(operator.apply(second))
    services.clients.cache.clear()
    app = services.clients.find("app")
    assert all(services.clients.has_secret(app, one) for one in (SECRET, OTHER))
    assert [operator.run("plan", one)[0] for one in (second, APP)] == [0, 0]
    assert OTHER not in operator.export()


@pytest.mark.parametrize(
    "weak", ["short", "a" * 64, "é" * 40, f"{SECRET} {OTHER}", SECRET * 9]
)
def test_a_secret_that_can_be_guessed_is_refused(operator, monkeypatch, weak):
    monkeypatch.setenv("APP_SECRET", weak)
    status, said = operator.run("apply", with_secret("env:APP_SECRET"), "--yes")
    assert status == 1
    assert said.startswith(f"{operator.file}:4: clients app client_secret: Must be 32")
    assert weak not in said


def test_a_secret_in_the_file_itself_is_refused(operator):
    status, said = operator.run("apply", f"{APP}    client_secret: {SECRET}\n", "--yes")
    assert (status, SECRET in said) == (1, False)
    assert said.startswith(f"{operator.file}:4: clients.0.client_secret: Refer to it")


def test_a_secret_that_is_made_is_told_once_and_works(operator, services):
    secret = operator.apply(APP)["client_secrets"]["app"]
    assert services.clients.has_secret(services.clients.find("app"), secret)
    assert operator.apply(APP)["client_secrets"] == {}
