"""What /v1/admin does for the console too: many at once, sessions, restore, the chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authserver.models import SecurityEvent, User
from tests.support.caller import PASSWORD, Caller

Enter = Callable[..., Caller]


def id_of(db: Any, email: str) -> str:
    db.session.rollback()
    return str(db.session.query(User).filter_by(email=email).one().id)


def people(enter: Enter, db: Any, *names: str) -> list[str]:
    for name in names:
        enter("user", name)
    return [id_of(db, f"{name}@example.test") for name in names]


def test_many_are_locked_or_nobody(enter: Enter, db: Any) -> None:
    admin = enter("admin")
    bob, eve = people(enter, db, "bob", "eve")
    enter("super_admin", "boss")
    boss = id_of(db, "boss@example.test")
    body = {"ids": [bob, boss], "reason": "leak"}
    refused = admin.post("/admin/users/together/lock", body)
    assert refused.status_code == 403
    assert refused.json["errors"][0]["field"] == boss
    assert admin.get(f"/admin/users/{bob}").json["data"]["user"]["status"] == "active"
    done = admin.post("/admin/users/together/lock", {"ids": [bob, eve, bob]})
    assert done.json["data"] == {"count": 2}
    for deed in ("unlock", "sign-out", "delete"):
        answer = admin.post(f"/admin/users/together/{deed}", {"ids": [bob, eve]})
        assert answer.json["data"] == {"count": 2}, deed
    for ids in ([], ["x"], [bob] * 201):
        assert admin.post("/admin/users/together/lock", {"ids": ids}).status_code == 422


def test_a_deleted_person_is_seen_and_restored(enter: Enter, db: Any) -> None:
    admin = enter("admin")
    (bob,) = people(enter, db, "bob")
    admin.call("DELETE", f"/admin/users/{bob}", {})
    shown = admin.get(f"/admin/users/{bob}").json["data"]["user"]
    assert (shown["status"], shown["deleted_at"] is None) == ("deleted", False)
    body = {"reason": "a mistake"}
    back = admin.post(f"/admin/users/{bob}/restore", body).json["data"]["user"]
    assert (back["status"], back["deleted_at"]) == ("active", None)
    assert admin.post(f"/admin/users/{bob}/restore", {}).status_code == 409
    events = {(e.event, e.reason) for e in db.session.query(SecurityEvent)}
    assert ("user:account:restored-by-operator", "a mistake") in events


def test_factors_and_apps_of_a_person(enter: Enter, db: Any) -> None:
    admin = enter("admin")
    (bob,) = people(enter, db, "bob")
    factors = admin.get(f"/admin/users/{bob}").json["data"]["factors"]
    assert factors["has_password"] is True
    assert factors["passkeys"] == []
    assert admin.get(f"/admin/users/{bob}/apps").json["data"] == []


def test_sessions_of_everybody_are_found_and_ended(enter: Enter, db: Any) -> None:
    admin, bob = enter("admin"), enter("user", "bob")
    found = admin.get("/admin/sessions?q=bob@exam").json["data"]["sessions"]
    assert [one["email"] for one in found] == ["bob@example.test"]
    assert not {"refresh_token", "refresh_token_hash", "device_id"} & found[0].keys()
    path = f"/admin/sessions/{found[0]['id']}"
    assert admin.call("DELETE", path, {"reason": "lost"}).status_code == 200
    assert bob.post("/auth/reauthenticate", {"password": PASSWORD}).status_code == 401
    assert admin.get("/admin/sessions?q=bob@exam").json["data"]["sessions"] == []
    over = admin.get("/admin/sessions?q=bob@exam&ended=true").json["data"]["sessions"]
    assert over[0]["revoked_because"] == "lost"
    first = admin.get("/admin/sessions?limit=1&ended=true").json["data"]
    rest = admin.get(
        f"/admin/sessions?limit=9&ended=true&cursor={first['nextCursor']}"
    ).json["data"]["sessions"]
    assert first["sessions"][0]["id"] not in [one["id"] for one in rest]
    assert admin.get("/admin/sessions?cursor=x").status_code == 422


def test_nobody_ends_the_session_of_who_stands_above(enter: Enter, db: Any) -> None:
    admin, boss = enter("admin"), enter("super_admin", "boss")
    found = admin.get("/admin/sessions?q=boss@exam").json["data"]["sessions"]
    answer = admin.call("DELETE", f"/admin/sessions/{found[0]['id']}", {})
    assert answer.status_code == 403
    assert boss.get("/admin/stats").status_code == 200


def test_every_deed_of_an_operator_is_written_down_with_their_name(
    enter: Enter, db: Any
) -> None:
    admin = enter("admin")
    (bob,) = people(enter, db, "bob")
    admin.post(f"/admin/users/{bob}/revoke-all", {"reason": "r"})
    admin.post(f"/admin/users/{bob}/reset-password")
    admin.get("/admin/logs/security?format=csv")
    me = id_of(db, "admin@example.test")
    rows = db.session.query(SecurityEvent).filter(SecurityEvent.actor_id.is_not(None))
    told = {one.event for one in rows if str(one.actor_id) == me}
    assert {
        "user:sessions:ended-by-operator",
        "user:reset:forced",
        "system:log:exported",
    } <= told
    assert admin.get(f"/admin/logs/security?actor_id={me}").json["data"]["records"]


def test_a_letter_to_choose_a_password_is_not_sent_to_the_locked(
    enter: Enter, db: Any
) -> None:
    admin = enter("admin")
    (bob,) = people(enter, db, "bob")
    admin.post(f"/admin/users/{bob}/lock", {})
    assert admin.post(f"/admin/users/{bob}/reset-password").status_code == 409


def test_the_chain_is_checked(enter: Enter, services: Any, db: Any) -> None:
    admin = enter("admin")
    services.audit_seal.seal()
    db.session.commit()
    verdict = admin.post("/admin/logs/security/verify").json["data"]
    assert (verdict["whole"], verdict["fault"]) == (True, None)
    row = db.session.query(SecurityEvent).filter(SecurityEvent.position == 1).one()
    row.event = "user:account:created"
    row.reason = "forged"
    db.session.commit()
    verdict = admin.post("/admin/logs/security/verify").json["data"]
    assert verdict["whole"] is False
    assert verdict["fault"]["position"] == 1


def test_what_wants_attention_is_told(enter: Enter) -> None:
    root = enter("super_admin", "root")
    state = root.get("/admin/maintenance/status").json["data"]
    assert state["attention"] == []
    day = root.get("/admin/stats").json["data"]["daily"][-1]
    assert {"signUps", "signIns", "refused", "sessions", "grants", "letters"} <= set(
        day
    )
