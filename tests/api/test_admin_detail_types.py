"""Administration of types of authorization details (RFC 9396)."""

from collections.abc import Callable
from typing import Any

import pytest

from authserver.core.apps import App
from authserver.errors import InvalidDetails
from authserver.services import Services
from tests.support.caller import Caller

Enter = Callable[..., Caller]
PAYMENT = {
    "type": "payment",
    "fields": {
        "locations": {"type": "array", "items": {"type": "string"}},
        "amount": {
            "type": "object",
            "properties": {"value": {"type": "string"}, "currency": {"enum": ["EUR"]}},
            "required": ["value", "currency"],
        },
        "payee": {"type": "string", "maxLength": 70},
    },
    "required": ["amount", "payee"],
    "texts": {"en": "Pay {amount.value} {amount.currency} to {payee}"},
    "resources": ["https://bank.example"],
    "is_remembered": False,
}
GOOD = '[{"type":"payment","payee":"Shop","amount":{"value":"12.50","currency":"EUR"}}]'


@pytest.fixture
def root(enter: Enter, services: Services) -> Caller:
    services.detail_types._read_at = None
    return enter("super_admin", "root")


@pytest.fixture
def shop(root: Caller, services: Services) -> App:
    wish = {
        "client_name": "Shop",
        "redirect_uris": ["https://shop.example.test/back"],
        "authorization_details_types": ["payment"],
    }
    made = root.post("/admin/clients", wish).json["data"]
    found = services.clients.find(made["client_id"])
    assert found is not None
    return found


def test_a_type_is_registered_shown_changed_and_deleted(
    root: Caller, services: Services
) -> None:
    made = root.post("/admin/detail-types", PAYMENT)
    assert made.status_code == 201, made.text
    row = made.json["data"]
    assert {name: row[name] for name in PAYMENT} == PAYMENT
    assert root.post("/admin/detail-types", PAYMENT).status_code == 409
    path = f"/admin/detail-types/{row['id']}"
    tag = root.get(path).headers["ETag"]
    changed = PAYMENT | {"is_remembered": True}
    assert root.put(path, changed, if_match=tag).json["data"]["is_remembered"]
    assert root.put(path, PAYMENT, if_match=tag).status_code == 412
    assert root.put(path, PAYMENT | {"type": "other"}).status_code == 422
    assert services.detail_types.known()["payment"].is_remembered
    listed = root.get("/admin/detail-types").json["data"]
    assert [one["type"] for one in listed] == ["payment"]
    assert root.delete(path).status_code == 200
    assert root.get(path).status_code == 404
    assert services.detail_types.known() == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", 'a"b'),
        ("type", "a b"),
        ("fields", {"type": {"type": "string"}}),
        ("fields", {"a b": {}}),
        ("fields", {"amount": {"type": "no such type"}}),
        ("fields", {"amount": {"$ref": "https://evil.example/schema"}}),
        ("fields", {"amount": {"items": [{"$ref": "#/x"}]}}),
        ("fields", {"amount": {"const": "\x00"}}),
        ("fields", {f"f{number}": {} for number in range(51)}),
        ("required", ["no such field"]),
        ("texts", {}),
        ("texts", {"english, please": "Pay"}),
        ("texts", {"en": "x" * 501}),
        ("resources", ["bank"]),
    ],
)
def test_what_does_not_fit_is_told_by_field(
    root: Caller, field: str, value: Any
) -> None:
    wish = PAYMENT | {"required": []} | {field: value}
    answer = root.post("/admin/detail-types", wish)
    assert answer.status_code == 422, answer.text
    assert {one["field"].split(".")[0] for one in answer.json["errors"]} == {field}


@pytest.mark.spec("RFC 9396 §5")
@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"payee":"Shop"', '"payee":"Shop","extra":1'),
        ('"currency":"EUR"', '"currency":"EUR","extra":1'),
        ('"currency":"EUR"', '"currency":"USD"'),
        ('"payee":"Shop"', '"payee":7'),
        ('"payee":"Shop",', ""),
        ('"type":"payment"', '"type":"loan"'),
        ('"payee":"Shop"', '"payee":"Shop","locations":["https://other.example"]'),
        ('"payee":"Shop"', '"payee":"Shop","locations":"https://bank.example"'),
    ],
)
def test_an_object_is_as_its_type_has_it(
    root: Caller, services: Services, shop: App, good: str, bad: str
) -> None:
    root.post("/admin/detail-types", PAYMENT)
    (known,) = services.detail_types.asked(GOOD, shop)
    assert known["payee"] == "Shop"
    assert good in GOOD
    with pytest.raises(InvalidDetails):
        services.detail_types.asked(GOOD.replace(good, bad), shop)


@pytest.mark.spec("RFC 9396 §10")
def test_an_app_sends_the_types_of_its_registration(
    root: Caller, services: Services, shop: App
) -> None:
    root.post("/admin/detail-types", PAYMENT)
    path = f"/admin/clients/{shop.client_id}"
    root.put(path, {"client_name": "Shop", "redirect_uris": list(shop.redirect_uris)})
    stripped = services.clients.find(shop.client_id)
    assert stripped is not None
    with pytest.raises(InvalidDetails):
        services.detail_types.asked(GOOD, stripped)
