"""Administration of apps, logs and the system."""

from collections.abc import Callable
from typing import Any

from authserver.core.clients import OWN_CLIENT
from tests.support.caller import PASSWORD, Caller

Enter = Callable[..., Caller]


def test_an_app_is_registered_replaced_and_deleted(enter: Enter) -> None:
    root = enter("super_admin", "root")
    made = root.post(
        "/admin/clients",
        {"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"]},
    )
    assert made.status_code == 201
    app = made.json["data"]
    assert app["client_secret"]
    path = f"/admin/clients/{app['client_id']}"
    shown = root.get(path)
    assert "client_secret" not in shown.json["data"]
    body = {"client_name": "Store", "redirect_uris": ["https://shop.example/x"]}
    tag = shown.headers["ETag"]
    assert (
        root.call("PUT", path, body, if_match=tag).json["data"]["client_name"]
        == "Store"
    )
    assert root.call("PUT", path, body, if_match=tag).status_code == 412
    assert root.post(f"{path}/secret").json["data"]["client_secret"]
    bad = root.post(
        "/admin/clients", {"client_name": "X", "redirect_uris": ["http://x.y/"]}
    )
    assert bad.json["errors"][0]["field"] == "redirect_uris"
    assert root.call("DELETE", path).status_code == 200
    assert root.get(path).status_code == 404


def test_our_own_app_stays_as_it_is(enter: Enter) -> None:
    """It is what every token of this API was given to."""
    root = enter("super_admin", "root")
    path = f"/admin/clients/{OWN_CLIENT}"
    body = {"client_name": "Mine", "redirect_uris": ["https://shop.example/cb"]}
    assert root.call("DELETE", path).status_code == 409
    assert root.call("PUT", path, body).status_code == 409
    assert root.post(f"{path}/secret").status_code == 422
    assert root.get(path).json["data"]["client_name"] == "Account API"
    assert root.get("/users/me").status_code == 200


def test_every_member_of_a_registration_can_be_set_and_comes_back(enter: Enter) -> None:
    """What has no field of its own is under `metadata`; a replacement keeps what it sends."""
    root = enter("super_admin", "root")
    others = {
        "subject_type": "pairwise",
        "contacts": ["a@shop.example"],
        "client_name#pt-BR": "Loja",
        "default_max_age": 60,
    }
    body = {
        "client_name": "Shop",
        "redirect_uris": ["https://shop.example/cb"],
        "metadata": others,
    }
    app = root.post("/admin/clients", body).json["data"]
    assert app["metadata"].items() >= others.items()
    assert app["registered_by"] == "operator"
    path = f"/admin/clients/{app['client_id']}"
    again = root.call("PUT", path, body | {"metadata": app["metadata"]}).json["data"]
    assert again["metadata"] == app["metadata"]
    gone = root.call("PUT", path, body | {"metadata": {}}).json["data"]
    assert gone["metadata"]["subject_type"] == "public"
    for bad in ({"x": 1}, {"client_uri": "https://a.example/"}, {"redirect_uris": []}):
        answer = root.post("/admin/clients", body | {"metadata": bad})
        assert answer.status_code == 422, bad
    wrong = root.post("/admin/clients", body | {"metadata": {"default_max_age": "x"}})
    assert [one["field"] for one in wrong.json["errors"]] == ["default_max_age"]


def test_logs_are_read_filtered_and_streamed(enter: Enter, db: Any) -> None:
    admin = enter("admin")
    other = Caller(admin.app, admin.clock)
    other.post("/auth/signin", {"email": "=cmd|evil@example.test", "password": "x"})
    page = admin.get("/admin/logs/login?status=failure").json["data"]
    assert page["records"][0]["status"] == "failure"
    lines = admin.get("/admin/logs/login?format=csv").text.splitlines()
    assert lines[0].startswith("id,")
    assert not any(",=cmd" in line for line in lines)
    events = admin.get("/admin/logs/security?event=user:account").json["data"][
        "records"
    ]
    assert {one["event"].rpartition(":")[0] for one in events} == {"user:account"}
    assert admin.get("/admin/logs/security?event=DROP").status_code == 422


def test_figures_state_and_cleanup(enter: Enter) -> None:
    root = enter("super_admin", "root")
    figures = root.get("/admin/stats").json["data"]
    assert figures["users"] >= 1
    assert len(figures["daily"]) == 30
    state = root.get("/admin/maintenance/status").json["data"]
    assert state["checks"]["database"] == "ok"
    done = root.post("/admin/maintenance/cleanup", {}).json["data"]
    assert done["isDone"] is True


def test_everybody_out_means_everybody(enter: Enter) -> None:
    root, bob = enter("super_admin", "root"), enter("user", "bob")
    assert root.post("/admin/sessions/revoke-all", {}).status_code == 422
    answer = root.post("/admin/sessions/revoke-all", {"confirm": "everybody"})
    assert answer.json["data"]["sessions"] >= 2
    assert bob.post("/auth/reauthenticate", {"password": PASSWORD}).status_code == 401
    assert root.get("/admin/stats").status_code == 401


def test_the_doctor_says_what_is_so_and_the_cure(enter: Enter) -> None:
    root = enter("super_admin", "root")
    seen = root.data(root.get("/admin/maintenance/doctor"))
    by_name = {one["what"]: one for one in seen["checks"]}
    assert seen["ok"] is all(one["ok"] for one in seen["checks"])
    assert {"issuer", "cookies", "mail", "database", "arrival"} <= by_name.keys()
    assert by_name["database"] == {
        "what": "database", "ok": True, "said": "It is current.", "cure": None
    }  # fmt: skip
    assert all(one["cure"] for one in seen["checks"] if not one["ok"])


def test_settings_are_told_with_where_they_come_from(enter: Enter) -> None:
    root = enter("super_admin", "root")
    found = {one["name"]: one for one in root.data(root.get("/admin/settings"))}
    life = found["ACCESS_TTL"]
    assert (life["value"], life["default"], life["isSecret"]) == ("900", "900", False)
    key = found["DATABASE_URL"]
    assert (key["value"], key["isSet"], key["isSecret"]) == (None, True, True)
    assert enter("admin", "ada").get("/admin/settings").status_code == 403
