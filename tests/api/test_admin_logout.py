"""What operators say and see of how an app is told of logouts, and started."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from authserver.models import Client, Notice, User
from authserver.services import Services
from tests.support.caller import Caller

Enter = Callable[..., Caller]
SHOP = {"client_name": "Shop", "redirect_uris": ["https://shop.example/back"]}
SAID = {
    "backchannel_logout_uri": "https://shop.example/out?tenant=1",
    "backchannel_logout_session_required": True,
    "frontchannel_logout_uri": "https://shop.example/leave",
    "frontchannel_logout_session_required": True,
    "initiate_login_uri": "https://shop.example/start",
}


@pytest.fixture
def admin(enter: Enter) -> Caller:
    return enter("super_admin")


@pytest.fixture
def shop(admin: Caller) -> str:
    made = admin.data(admin.post("/admin/clients", SHOP | SAID))
    return str(made["client_id"])


@pytest.mark.spec("Back-Channel Logout §2.2")
def test_what_is_registered_is_shown_again(admin: Caller, shop: str) -> None:
    shown = admin.data(admin.get(f"/admin/clients/{shop}"))
    assert {name: shown[name] for name in SAID} == SAID
    etag = admin.get(f"/admin/clients/{shop}").headers["ETag"]
    changed = admin.put(f"/admin/clients/{shop}", SHOP, If_Match=etag)
    assert {admin.data(changed)[name] for name in SAID} == {None, False}, "gone"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("backchannel_logout_uri", "http://shop.example/out"),
        ("backchannel_logout_uri", "https://shop.example/out#part"),
        ("backchannel_logout_uri", "com.example.shop:/out"),
        ("backchannel_logout_uri", "javascript:alert(1)"),
        ("backchannel_logout_uri", "https://user:word@shop.example/out"),
        ("frontchannel_logout_uri", "https://elsewhere.example/leave"),
        ("frontchannel_logout_uri", "https://shop.example:8443/leave"),
        ("frontchannel_logout_uri", "http://shop.example/leave"),
        ("initiate_login_uri", "http://shop.example/start"),
        ("initiate_login_uri", "http://localhost/start"),
        ("initiate_login_uri", "com.example.shop:/start"),
    ],
)
def test_an_address_that_will_not_do_is_refused(
    admin: Caller, field: str, said: str
) -> None:
    """Front-channel: scheme, host and port of a redirect URI (§2)."""
    answer = admin.post("/admin/clients", SHOP | {field: said})
    assert answer.status_code == 422, answer.text
    assert field in str(answer.json)


@pytest.mark.spec("OIDC Core §4")
def test_a_link_that_starts_a_sign_in(admin: Caller, shop: str) -> None:
    query = "target_link_uri=https://shop.example/cart?a=1%26b=2&login_hint=ada%40x.org"
    link = admin.data(admin.get(f"/admin/clients/{shop}/login-link?{query}"))["url"]
    assert link.startswith("https://shop.example/start?")
    assert parse_qs(urlsplit(link).query) == {
        "iss": ["https://auth.example.test"],
        "target_link_uri": ["https://shop.example/cart?a=1&b=2"],
        "login_hint": ["ada@x.org"],
    }
    bad = admin.get(f"/admin/clients/{shop}/login-link?target_link_uri=javascript:1")
    assert bad.status_code == 422


def test_an_app_that_cannot_be_started_has_no_link(admin: Caller) -> None:
    made = admin.data(admin.post("/admin/clients", SHOP))
    answer = admin.get(f"/admin/clients/{made['client_id']}/login-link")
    assert answer.status_code == 409


def test_deliveries_are_listed_by_page_the_newest_first(
    admin: Caller, shop: str, services: Services, db: Any
) -> None:
    app = db.session.query(Client).filter_by(client_id=shop).one()
    user = db.session.query(User).first()
    for number in range(5):
        moment = services.clock.now().replace(minute=number)
        db.session.add(
            Notice(
                kind="logout",
                client_id=app.id,
                user_id=user.id,
                session_id=user.id,
                status="sent" if number else "waiting",
                not_before=moment,
                created_at=moment,
                last_error=None if number else "no route",
            )
        )
    db.session.commit()
    address = f"/admin/clients/{shop}/logout-deliveries"
    first = admin.data(admin.get(f"{address}?limit=3"))
    second = admin.data(admin.get(f"{address}?limit=3&cursor={first['nextCursor']}"))
    rows = first["records"] + second["records"]
    assert [row["created_at"][14:16] for row in rows] == ["04", "03", "02", "01", "00"]
    assert second["nextCursor"] is None
    assert (rows[-1]["status"], rows[-1]["last_error"]) == ("waiting", "no route")
    assert rows[-1]["next_attempt_at"] and rows[0]["next_attempt_at"] is None
    assert admin.get(f"{address}?cursor=x").status_code == 422
    assert admin.get("/admin/clients/nobody/logout-deliveries").status_code == 404


def test_who_may_not_read_apps_may_not_read_their_deliveries(
    enter: Enter, admin: Caller, shop: str
) -> None:
    anyone = enter("user")
    for what in ("logout-deliveries", "login-link"):
        assert anyone.get(f"/admin/clients/{shop}/{what}").status_code == 403
