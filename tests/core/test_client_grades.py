"""How an app does by OAuth 2.1 and RFC 9700, FAPI 2.0 and MCP, and what comes next."""

from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey

from authserver.core.apps import App
from authserver.core.client_grades import FAPI2, MCP, OAUTH21, Grade
from authserver.services import Services

KEYS = {"keys": [ECKey.generate_key("P-256", {"alg": "ES256"}).as_dict(private=False)]}
Grades = Callable[[App], dict[str, Grade]]


@pytest.fixture
def graded(services: Services) -> Grades:
    def give(app: App) -> dict[str, Grade]:
        found = services.client_grades.of(services.clients.get(app.client_id))
        return {one.family: one for one in found}

    return give


def marks(found: dict[str, Grade]) -> str:
    return "".join(found[family].mark for family in (OAUTH21, FAPI2, MCP))


@pytest.fixture
def with_key(register: Callable[..., App]) -> Callable[..., App]:
    def give(profile: str, **more: Any) -> App:
        return register(
            name=profile,
            auth_method="private_key_jwt",
            redirect_uris=["https://bank.example/cb"],
            jwks=KEYS,
            profile=profile,
            **more,
        )

    return give


def test_what_is_demanded_is_better_than_what_could_be(
    graded: Grades, with_key: Callable[..., App]
) -> None:
    told = {name: graded(with_key(name)) for name in ("oidc", "oauth21", "fapi2")}
    assert {name: marks(found) for name, found in told.items()} == {
        "oidc": "BBB",
        "oauth21": "ABB",
        "fapi2": "AAB",
    }
    assert told["oidc"][OAUTH21].profile == "oauth21"
    assert "profile fapi2" in str(told["oauth21"][FAPI2].next_step)
    assert told["fapi2"][FAPI2].next_step is None


def test_what_is_in_the_way_is_the_next_step(graded: Grades, shop: App) -> None:
    found = graded(shop)
    assert marks(found) == "BCB"
    step = str(found[FAPI2].next_step)
    assert step.startswith("token_endpoint_auth_method: fapi2 takes private_key_jwt")


def test_what_an_app_was_seen_doing_counts(
    graded: Grades, shop: App, issue: Callable[..., str]
) -> None:
    issue(challenge=None)
    found = graded(shop)
    assert marks(found) == "CCC"
    assert (
        found[OAUTH21].next_step == "1 of 1 codes were asked for without a challenge."
    )


def test_mcp_wants_to_know_what_a_token_is_for(
    graded: Grades, shop: App, issue: Callable[..., str], services: Services, db: Any
) -> None:
    """RFC 8707; MCP Authorization, Resource Parameter Implementation."""
    services.client_check.move(shop.client_id, "oauth21")
    assert "in 7 days" in str(graded(shop)[MCP].next_step)
    issue(resources=("https://mcp.example",))
    assert graded(shop)[MCP] == Grade(MCP, "A")
    issue()
    found = graded(shop)
    assert (found[OAUTH21].mark, found[MCP].mark) == ("A", "C")
    assert "1 of 2 codes were asked for without a resource" in str(found[MCP].next_step)


@pytest.mark.parametrize(
    ("uri", "mark"),
    [
        ("http://127.0.0.1/cb", "B"),
        ("http://localhost/cb", "B"),
        ("com.example.app:/cb", "C"),
    ],
)
def test_mcp_comes_back_by_https_or_to_the_same_device(
    graded: Grades, register: Callable[..., App], uri: str, mark: str
) -> None:
    app = register(name="Native", auth_method="none", redirect_uris=[uri])
    assert graded(app)[MCP].mark == mark


def test_mcp_has_no_use_for_an_app_without_its_grants(graded: Grades, tv: App) -> None:
    assert "grant_types" in str(graded(tv)[MCP].next_step)


def test_a_machine_asks_for_no_code(
    graded: Grades, register: Callable[..., App]
) -> None:
    robot = register(
        name="Robot", grant_types=("client_credentials",), profile="oauth21"
    )
    assert marks(graded(robot)) == "ACA"
