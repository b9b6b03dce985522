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


def test_an_unknown_app_is_not_found(enter: Enter) -> None:
    root = enter("super_admin", "root")
    assert root.get("/admin/clients/nobody/profiles").status_code == 404
