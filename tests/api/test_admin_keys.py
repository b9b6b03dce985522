"""Signing keys by /v1: seen, rotated, taken out."""

from collections.abc import Callable
from typing import Any

from authserver.models import SecurityEvent
from tests.support.caller import Caller

Enter = Callable[..., Caller]


def keys(root: Caller) -> dict[str, dict[str, Any]]:
    """Those for RS256, by state."""
    found = root.get("/admin/keys").json["data"]
    return {one["state"]: one for one in found if one["alg"] == "RS256"}


def events(db: Any, name: str) -> list[SecurityEvent]:
    db.session.rollback()
    found = db.session.query(SecurityEvent).filter_by(event=name)
    return list(found.order_by(SecurityEvent.id))


def later(enter: Enter, root: Caller) -> Caller:
    """Somebody who signs in when every process has looked at its keys again."""
    root.clock.advance(seconds=5)
    return enter("super_admin", "later")


def test_keys_are_rotated_and_taken_out_when_they_may(enter: Enter, db: Any) -> None:
    root = enter("super_admin")
    before = keys(root)
    assert before["active"]["ready_at"] is None
    assert "private" not in root.get("/admin/keys").text

    turned = root.post("/admin/keys/rotate", {"now": True, "reason": "yearly"})
    assert turned.status_code == 200
    assert turned.json["data"]["kid"] == before["next"]["kid"]
    assert turned.json["data"]["state"] == "active"
    after = keys(root)
    assert after["retired"]["kid"] == before["active"]["kid"]
    assert after["retired"]["ready_at"] > after["retired"]["retired_at"]
    assert root.post("/admin/keys/rotate", {}).status_code == 409

    # Of the retired key: once it is gone, its tokens are none.
    early, root = root, later(enter, root)
    path = f"/admin/keys/{after['retired']['kid']}"
    assert root.call("DELETE", path).status_code == 409
    gone = root.call("DELETE", path, {"now": True, "reason": "leaked"})
    assert gone.status_code == 200
    root.clock.advance(seconds=5)
    assert early.get("/admin/keys").status_code == 401
    assert "retired" not in keys(root)
    assert root.call("DELETE", path).status_code == 404
    for name, why in (("rotated", "yearly"), ("removed", "leaked")):
        (event,) = events(db, f"key:signing:{name}")
        assert event.reason == why
        assert event.actor_id is not None


def test_a_key_that_signs_stays_and_no_other_algorithm_is_taken(enter: Enter) -> None:
    root = enter("super_admin")
    active = keys(root)["active"]["kid"]
    refused = root.call("DELETE", f"/admin/keys/{active}", {"now": True})
    assert refused.status_code == 409
    for alg in ("HS256", "none", ""):
        refused = root.post("/admin/keys/rotate", {"alg": alg})
        assert refused.json["errors"][0]["field"] == "alg"
    assert keys(root)["active"]["kid"] == active


def test_what_is_no_key_and_no_client_is_not_found(enter: Enter) -> None:
    root = enter("super_admin")
    for odd in ("nothing", "%00", "%FF", "%ED%A0%80", "a" * 5000):
        assert root.call("DELETE", f"/admin/keys/{odd}").status_code == 404, odd
        assert root.get(f"/admin/clients/{odd}").status_code == 404, odd
        assert root.call("DELETE", f"/admin/clients/{odd}").status_code == 404, odd


def test_only_who_may_sees_keys(enter: Enter) -> None:
    assert enter("admin").get("/admin/keys").status_code == 403
