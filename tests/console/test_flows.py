"""The flow inspector: why an app was refused, and what came before."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from authserver.core import flows
from authserver.models import AuthorizationCode, Interaction
from tests.support.caller import ORIGIN, PASSWORD, Caller
from tests.support.refused_app import BACK, VERIFIER, basic, noted


@pytest.mark.parametrize("role", ["admin", "user", None])
def test_the_error_page_leads_there_for_whoever_may_read_logs(
    enter, make_reader, good_ask, role
):
    reader = enter(role) if role else make_reader()
    query = "&".join(f"{n}={v}" for n, v in good_ask.items() if n != "redirect_uri")
    reader.open(f"/authorize?{query}&redirect_uri=https://elsewhere.example/")
    assert reader.status == 400
    assert reader.has("error-inspect") is (role == "admin")
    trace = reader.document.get("trace-id").text
    if role == "admin":
        reader.link("error-inspect")
        assert reader.status == 200
        assert reader.document.get("flow-trace").text == trace
        assert "redirect_uri" in reader.document.get("finding-1").text
    else:
        assert reader.open(f"/console/flows/{trace}").status in (200, 403)
        assert not reader.has("flow-trace")


def test_a_whole_flow_is_told_step_by_step(
    wire, admin, make_reader, add, good_ask, notes, clock, db
):
    """Begun, a wrong password, allowed, answered, a wrong verifier, and its tokens."""
    add("bob")
    query = "&".join(f"{n}={v}" for n, v in good_ask.items())
    bob = make_reader().open(f"/authorize?{query}")
    trace = db.session.query(Interaction).one().trace_id
    bob.fill(username="bob@example.test", password="not it").press("login-submit")
    bob.fill(username="bob@example.test", password="nor this").press("login-submit")
    assert "nor this" not in str([vars(row) for row in noted(db)])
    assert {(row.detail, str(row.asked)) for row in noted(db)} == {("", "{}")}
    bob.fill(username="bob@example.test", password=PASSWORD).press("login-submit")
    with pytest.raises(AssertionError, match=r"left for https://rp\.example/") as gone:
        bob.press("consent-allow")
    code = str(gone.value).partition("code=")[2].partition("&")[0]
    row, secret = notes
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    for verifier, status in (("w" * 43, 400), (VERIFIER, 200)):
        clock.advance(seconds=1)
        answer = wire.post(
            "/token",
            data=form | {"code_verifier": verifier},
            headers=basic(row.client_id, secret),
            base_url=ORIGIN,
        )
        assert answer.status_code == status, answer.text
    admin.open(f"/console/flows/{trace}")
    steps = admin.document.get("steps").text
    words = ["The app asked", "bad_credentials", "The person allowed it"]
    words += ["The app was answered", "invalid_grant", "The app took its tokens"]
    places = [steps.index(one) for one in words]
    assert places == sorted(places), steps
    assert "bob@example.test" not in admin.document.get("asked").text
    assert code not in admin.answer.text
    assert "code_verifier" in admin.answer.text
    # What was refused at /token leads to the same whole.
    (last,) = [one for one in noted(db) if one.endpoint == "/token"]
    assert "The app asked" in admin.open(f"/console/flows/{last.trace_id}").text
    assert last.grant_id == db.session.query(AuthorizationCode).one().id


def test_what_goes_well_writes_no_line(wire, good_ask, notes, db):
    answer = wire.get("/authorize", query_string=good_ask, base_url=ORIGIN)
    assert answer.status_code == 303
    row, secret = notes
    wire.post(
        "/introspect",
        data={"token": "x"},
        headers=basic(row.client_id, secret),
        base_url=ORIGIN,
    )
    assert noted(db) == []


def test_a_flood_of_refusals_fills_no_table(wire, good_ask, services, clock, db):
    """60 of one app in a minute, and those of others beside them."""
    services.flows.allowance.spent.clear()
    for _ in range(flows.MOST_OF_ONE + 5):
        sent = good_ask | {"max_age": "x"}
        answer = wire.get("/authorize", query_string=sent, base_url=ORIGIN)
        assert answer.status_code == 303
    assert len(noted(db)) == flows.MOST_OF_ONE
    wire.get("/authorize", query_string={"client_id": "nobody"}, base_url=ORIGIN)
    assert len(noted(db)) == flows.MOST_OF_ONE + 1
    clock.advance(minutes=1)
    wire.get("/authorize", query_string=good_ask | {"max_age": "x"}, base_url=ORIGIN)
    assert len(noted(db)) == flows.MOST_OF_ONE + 2


def test_the_list_is_narrowed_and_paged(wire, admin, good_ask, notes, clock):
    for wrong in ("max_age", "max_age", "prompt"):
        clock.advance(seconds=1)
        wire.get("/authorize", query_string=good_ask | {wrong: "x"}, base_url=ORIGIN)
    wire.get("/authorize", query_string=good_ask, base_url=ORIGIN)
    rows = admin.open("/console/flows").document.get("flows").text
    assert rows.count("Refused") == 3
    assert "The app asked" in rows
    page = f"/console/flows?client_id={notes[0].client_id}&error=invalid_request"
    assert admin.open(page).document.get("flows").text.count("Notes") >= 3
    assert admin.open("/console/flows?error=server_error").has("empty")
    for query in ("client_id=nobody", "error=DROP", "trace_id=x"):
        assert admin.open(f"/console/flows?{query}").status == 422, query


def test_pages_of_the_list_miss_nothing(wire, services, good_ask, clock):
    for _ in range(5):
        clock.advance(seconds=1)
        wire.get("/authorize", query_string=good_ask | {"prompt": "x"}, base_url=ORIGIN)
        wire.get("/authorize", query_string=good_ask, base_url=ORIGIN)
    seen, after = [], None
    while True:
        page = services.flows.page(flows.FlowsWanted(), limit=3, after=after)
        seen += [row.id for row in page.rows]
        after = page.after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 10


def test_what_is_not_kept_is_said_so(admin):
    assert admin.open(f"/console/flows/{'0' * 32}").status == 404
    assert "Nothing is kept under this reference" in admin.text
    assert admin.open("/console/flows/%00<script>").status == 404


def test_lines_go_when_their_time_is_over(wire, good_ask, services, clock, db):
    wire.get("/authorize", query_string=good_ask | {"prompt": "x"}, base_url=ORIGIN)
    clock.advance(days=6)
    services.housekeeping.sweep()
    assert len(noted(db)) == 1
    clock.advance(days=2)
    assert services.housekeeping.sweep()["refused_requests"] == 1
    db.session.commit()
    assert noted(db) == []


def test_a_database_that_cannot_write_does_not_spoil_the_answer(
    wire, good_ask, services, monkeypatch
):
    """The app is told what is wrong all the same."""

    def broken(*_: Any, **__: Any) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(type(services.flows), "note", broken)
    sent = good_ask | {"prompt": "x"}
    answer = wire.get("/authorize", query_string=sent, base_url=ORIGIN)
    assert answer.status_code == 303
    assert "error=invalid_request" in answer.headers["Location"]


def test_the_api_tells_the_same(app, clock, wire, admin, good_ask, db):
    """GET /v1/admin/flows and one of them, by the trace id of the answer."""
    sent = good_ask | {"prompt": "x"}
    answer = wire.get("/authorize", query_string=sent, base_url=ORIGIN)
    trace = answer.headers["X-Trace-Id"]
    caller = Caller(app, clock)
    token = caller.sign_in("admin@example.test")["accessToken"]
    own = {"Authorization": f"Bearer {token}"}
    page = caller.data(caller.get("/admin/flows?limit=1", **own))
    (row,) = page["flows"]
    assert (row["trace_id"], row["parameter"]) == (trace, "prompt")
    assert row["client_id"] == good_ask["client_id"]
    flow = caller.data(caller.get(f"/admin/flows/{trace}", **own))
    (step,) = flow["steps"]
    assert (flow["outcome"], step["facts"]["error"]) == ("refused", "invalid_request")
    assert flow["asked"]["scope"] == "openid email"
    assert flow["asked"]["state"] == len(good_ask["state"])
    assert caller.get("/admin/flows/nothing", **own).status_code == 404
    faulty = caller.get("/admin/flows?client_id=nobody", **own)
    assert faulty.status_code == 422
