"""Administration: who may what, and what it does (C18, C19, C33, C36)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from authserver.models import OutboxLetter, Role, SecurityEvent, User, UserRole
from authserver.services import Services
from tests.support.caller import PASSWORD, Caller

Enter = Callable[..., Caller]


def id_of(db: Any, email: str) -> str:
    db.session.rollback()
    return str(db.session.query(User).filter_by(email=email).one().id)


def role_id(db: Any, name: str) -> int:
    return int(db.session.query(Role).filter_by(name=name).one().id)


def test_people_are_listed_by_page_and_found_by_part(enter: Enter, db: Any) -> None:
    admin = enter("admin")
    for number in range(5):
        admin.post("/admin/users", {"email": f"p{number}@example.test"})
    first = admin.get("/admin/users?limit=4").json["data"]
    assert len(first["users"]) == 4
    second = admin.get(f"/admin/users?limit=4&cursor={first['nextCursor']}").json[
        "data"
    ]
    seen = [one["email"] for one in first["users"] + second["users"]]
    assert len(seen) == len(set(seen))
    found = admin.get("/admin/users?q=p3@exam").json["data"]["users"]
    assert [one["email"] for one in found] == ["p3@example.test"]
    by_id = admin.get(f"/admin/users?q={found[0]['id']}").json["data"]["users"]
    assert by_id == found
    assert admin.get("/admin/users?role=admin").json["data"]["users"][0]["roles"]
    assert admin.get("/admin/users?q=%25%25").json["data"]["users"] == []


def test_a_created_person_gets_a_letter_and_the_seed_fields_stay(
    enter: Enter, db: Any
) -> None:
    """S1's ten fields of POST /admin/users, literally."""
    admin = enter("admin")
    answer = admin.post(
        "/admin/users",
        {
            "email": "novo@example.com",
            "full_name": "Novo Usuário",
            "phone": "+5511999999999",
            "username": "apelido",
            "avatar_url": "https://example.com/a.png",
            "date_of_birth": "1990-01-01",
            "status": "active",
            "language": "pt-BR",
            "timezone": "America/Sao_Paulo",
            "metadata": {"source": "admin"},
        },
    )
    assert answer.status_code == 201
    user = answer.json["data"]["user"]
    assert user["full_name"] == "Novo Usuário"
    assert user["metadata"] == {"source": "admin"}
    assert user["mfa_secret"] is None
    letters = [row.letter for row in db.session.query(OutboxLetter)]
    assert "reset_password" in letters
    assert admin.post("/admin/users", {"email": "novo@example.com"}).status_code == 409


def test_a_locked_person_is_out_at_once_and_unlocked_is_in(
    enter: Enter, db: Any
) -> None:
    admin, bob = enter("admin"), enter("user", "bob")
    bob_id = id_of(db, "bob@example.test")
    answer = admin.post(f"/admin/users/{bob_id}/lock", {"reason": "asked by legal"})
    assert answer.json["data"]["user"]["status"] == "locked"
    assert bob.post("/auth/reauthenticate", {"password": PASSWORD}).status_code == 401
    admin.post(f"/admin/users/{bob_id}/unlock", {})
    again = bob.post(
        "/auth/signin", {"email": "bob@example.test", "password": PASSWORD}
    )
    assert again.status_code == 200
    events = {(e.event, e.reason) for e in db.session.query(SecurityEvent)}
    assert ("user:account:locked", "asked by legal") in events


def test_the_seed_patch_locks_too(enter: Enter, db: Any) -> None:
    """S1: PATCH with full_name, avatar_url, phone and status."""
    admin = enter("admin")
    enter("user", "bob")
    bob_id = id_of(db, "bob@example.test")
    body = {
        "full_name": "Atualizado",
        "avatar_url": "https://example.com/b.png",
        "phone": "+55118888",
        "status": "locked",
    }
    user = admin.call("PATCH", f"/admin/users/{bob_id}", body).json["data"]["user"]
    assert (user["full_name"], user["status"]) == ("Atualizado", "locked")


def test_a_change_on_top_of_another_is_refused(enter: Enter, db: Any) -> None:
    """RFC 9110 §13.1.1."""
    admin = enter("admin")
    enter("user", "bob")
    path = f"/admin/users/{id_of(db, 'bob@example.test')}"
    tag = admin.get(path).headers["ETag"]
    body = {"full_name": "One"}
    assert admin.call("PATCH", path, body, if_match=tag).status_code == 200
    late = admin.call("PATCH", path, {"full_name": "Two"}, if_match=tag)
    assert (late.status_code, late.json["code"]) == (412, "AUTH_005")


def test_nobody_acts_on_who_stands_above_or_on_oneself(enter: Enter, db: Any) -> None:
    admin = enter("admin")
    enter("super_admin", "root")
    above, own = id_of(db, "root@example.test"), id_of(db, "admin@example.test")
    assert admin.post(f"/admin/users/{above}/lock", {}).status_code == 403
    assert admin.call("DELETE", f"/admin/users/{above}", {}).status_code == 403
    assert admin.post(f"/admin/users/{own}/lock", {}).status_code == 409
    assert admin.call("DELETE", f"/admin/users/{own}", {}).status_code == 409


def test_only_a_super_admin_gives_admin(enter: Enter, db: Any) -> None:
    """C18, and C33: the id may come as text."""
    admin, root = enter("admin"), enter("super_admin", "root")
    enter("user", "bob")
    path = f"/admin/users/{id_of(db, 'bob@example.test')}/roles"
    wish = {"roleId": str(role_id(db, "admin"))}
    assert admin.post(path, wish).status_code == 403
    answer = root.post(path, wish)
    assert answer.status_code == 201
    assert "admin" in [one["name"] for one in answer.json["data"]["roles"]]
    editor = {"roleId": role_id(db, "editor")}
    assert admin.post(path, editor).status_code == 201


def test_the_last_super_admin_stays(enter: Enter, db: Any) -> None:
    root = enter("super_admin", "root")
    me, top = id_of(db, "root@example.test"), role_id(db, "super_admin")
    for row in db.session.query(UserRole).filter_by(role_id=top):
        if str(row.user_id) != me:
            db.session.delete(row)
    db.session.commit()
    answer = root.call("DELETE", f"/admin/users/{me}/roles/{top}")
    assert (answer.status_code, answer.json["code"]) == (409, "AUTH_004")


def test_the_last_super_admin_does_not_expire_either(enter: Enter, db: Any) -> None:
    """An end given to a role that was for good is a way to take it."""
    root = enter("super_admin", "root")
    me, top = id_of(db, "root@example.test"), role_id(db, "super_admin")
    for row in db.session.query(UserRole).filter_by(role_id=top):
        if str(row.user_id) != me:
            db.session.delete(row)
    db.session.commit()
    path = f"/admin/users/{me}/roles"
    until = (root.clock.now() + timedelta(days=1)).isoformat()
    answer = root.post(path, {"roleId": top, "expires_at": until})
    assert answer.status_code == 409
    past = root.post(path, {"roleId": top, "expires_at": "2020-01-01T00:00:00Z"})
    assert past.status_code == 422


def test_a_role_ends_by_itself(enter: Enter, db: Any) -> None:
    root, bob = enter("super_admin", "root"), enter("user", "bob")
    bob_id, editor = id_of(db, "bob@example.test"), role_id(db, "editor")
    until = (root.clock.now() + timedelta(days=1)).isoformat()
    wish = {"roleId": editor, "expires_at": until}
    root.post(f"/admin/users/{bob_id}/roles", wish)
    assert bob.get("/admin/users").status_code == 200
    row = db.session.query(UserRole).filter_by(role_id=editor).one()
    row.expires_at = root.clock.now() - timedelta(days=1000)
    db.session.commit()
    assert bob.get("/admin/users").status_code == 403


def test_roles_are_made_changed_and_deleted(enter: Enter, db: Any) -> None:
    root = enter("super_admin", "root")
    made = root.post(
        "/admin/roles",
        {"name": "Support", "description": "Help", "permissions": ["users:read"]},
    )
    assert made.status_code == 201
    role = made.json["data"]
    assert (role["name"], role["is_system_role"]) == ("support", False)
    path = f"/admin/roles/{role['id']}"
    helper = enter("support", "helper")
    assert helper.get("/admin/users").status_code == 200
    assert helper.get("/admin/logs/login").status_code == 403
    body = {"name": "support", "permissions": ["logs:read"]}
    assert root.call("PUT", path, body).status_code == 200
    assert root.call("DELETE", path).status_code == 409
    bad = root.post("/admin/roles", {"name": "x y", "permissions": ["fly:high"]})
    assert {one["field"] for one in bad.json["errors"]} == {"name", "permissions"}


def test_system_roles_keep_their_names_and_super_admin_its_power(
    enter: Enter, db: Any
) -> None:
    root = enter("super_admin", "root")
    top = f"/admin/roles/{role_id(db, 'super_admin')}"
    assert root.call("DELETE", top).status_code == 409
    weak = {"name": "super_admin", "permissions": ["users:read"]}
    assert root.call("PUT", top, weak).status_code == 409
    renamed = {"name": "boss", "permissions": ["profile:read"]}
    user = f"/admin/roles/{role_id(db, 'user')}"
    assert root.call("PUT", user, renamed).status_code == 409


def test_institutions_come_into_tokens(
    enter: Enter, db: Any, services: Services
) -> None:
    """S2: codes go into the JWT."""
    admin, bob = enter("admin"), enter("user", "bob")
    made = admin.post("/admin/institutions", {"code": "i1", "name": "First"}).json[
        "data"
    ]
    path = f"/admin/users/{id_of(db, 'bob@example.test')}/institutions"
    assert admin.post(path, {"institutionId": made["id"]}).status_code == 201
    again = bob.post(
        "/auth/signin", {"email": "bob@example.test", "password": PASSWORD}
    )
    token = again.json["data"]["accessToken"]
    assert services.checks.access(token).claims["institutions"] == ["i1"]
    assert admin.call("DELETE", f"{path}/{made['id']}").status_code == 200
    bad = admin.post("/admin/institutions", {"code": "a,b", "name": "Bad"})
    assert bad.json["errors"][0]["field"] == "code"
