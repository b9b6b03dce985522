"""Which profile an app could move to, as operators ask it."""

from collections.abc import Callable

from tests.support.caller import Caller

Enter = Callable[..., Caller]


def test_an_app_is_held_against_each_profile(enter: Enter) -> None:
    root = enter("super_admin", "root")
    made = root.post(
        "/admin/clients",
        {"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"]},
    )
    path = f"/admin/clients/{made.json['data']['client_id']}/profiles"
    told = {one["profile"]: one for one in root.get(path).json["data"]}
    assert list(told) == ["oidc", "oauth21", "fapi2", "fapi2-ms"]
    assert told["oidc"]["is_current"] and told["oidc"]["fits"]
    assert told["oauth21"]["fits"] and told["oauth21"]["changes"]
    assert not told["fapi2"]["fits"]
    assert "token_endpoint_auth_method" in told["fapi2"]["faults"]


def test_an_app_is_graded_where_it_is_shown(enter: Enter) -> None:
    root = enter("super_admin", "root")
    body = {
        "client_name": "Shop",
        "redirect_uris": ["https://shop.example/cb"],
        "profile": "oauth21",
    }
    key = root.post("/admin/clients", body).json["data"]["client_id"]
    told = root.get(f"/admin/clients/{key}").json["data"]["grades"]
    assert [(one["family"], one["mark"]) for one in told] == [
        ("OAuth 2.1 and RFC 9700", "A"),
        ("FAPI 2.0", "C"),
        ("MCP authorization", "B"),
    ]
    assert [one["next_step"] is None for one in told] == [True, False, False]
    assert told[1]["next_step"].startswith("token_endpoint_auth_method: ")


def test_who_uses_an_app_is_counted(enter: Enter) -> None:
    root = enter("super_admin", "root")
    body = {"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"]}
    made = root.post("/admin/clients", body)
    path = f"/admin/clients/{made.json['data']['client_id']}/use"
    told = root.get(path).json["data"]
    assert told == {
        "people": 0,
        "grants": 0,
        "last_signin_at": None,
        "is_more": False,
    }
    assert root.get("/admin/clients/nothing/use").status_code == 404


def test_how_an_app_sends_its_requests_is_registered(enter: Enter) -> None:
    """RFC 9101 §10.5, RFC 9126 §6, OIDC Registration §2: kept, shown, and let go."""
    root = enter("super_admin", "root")
    key = {"kty": "RSA", "n": "AQAB", "e": "AQAB", "use": "sig", "alg": "PS256"}
    key["n"] = "y" + "A" * 341
    chosen = {
        "request_uris": ["https://bank.example/request.jwt#hash"],
        "request_object_signing_alg": "PS256",
        "token_endpoint_auth_signing_alg": "PS256",
        "require_pushed_authorization_requests": True,
        "require_signed_request_object": True,
    }
    body = {
        "client_name": "Bank",
        "redirect_uris": ["https://bank.example/cb"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key]},
    }
    made = root.post("/admin/clients", body | chosen)
    assert made.status_code == 201, made.json
    app = made.json["data"]
    assert {name: app[name] for name in chosen} == chosen
    path = f"/admin/clients/{app['client_id']}"
    plain = root.call("PUT", path, body, if_match=root.get(path).headers["ETag"])
    kept = {name: plain.json["data"][name] for name in chosen}
    assert kept == {
        "request_uris": [],
        "request_object_signing_alg": None,
        "token_endpoint_auth_signing_alg": None,
        "require_pushed_authorization_requests": False,
        "require_signed_request_object": False,
    }
    for wrong in ({"request_uris": ["ftp://x"]}, {"request_object_signing_alg": "x"}):
        assert root.post("/admin/clients", body | wrong).status_code == 422


def test_an_unknown_app_is_not_found(enter: Enter) -> None:
    root = enter("super_admin", "root")
    assert root.get("/admin/clients/nobody/profiles").status_code == 404
