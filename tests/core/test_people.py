"""People whom an operator adds."""

from typing import Any

import pytest

from authserver.errors import Conflict, InvalidInput
from authserver.models import User
from authserver.services import Services


@pytest.fixture(autouse=True)
def ada(services: Services, db: Any) -> None:
    claims = {"phone_number": "+5581999990000", "preferred_username": "ada"}
    services.people.add(email="ada@example.test", claims=claims)
    db.session.commit()


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"email": "ADA@Example.test"}, "This address is taken."),
        ({"username": "Ada"}, "This user name is taken."),
        ({"claims": {"preferred_username": "ada"}}, "This user name is taken."),
        (
            {"claims": {"phone_number": "+5581999990000"}},
            "This telephone number is taken.",
        ),
    ],
)
def test_what_is_taken_is_refused_by_name(
    services: Services, db: Any, wish: dict[str, Any], said: str
) -> None:
    with pytest.raises(Conflict) as refused:
        services.people.add(**{"email": "eve@example.test", **wish})
    assert refused.value.public == said
    db.session.commit()
    assert db.session.query(User).filter_by(email="eve@example.test").all() == []


@pytest.mark.parametrize("birthdate", ["31.12.1990", 7, "1990-02-30"])
def test_a_birthday_that_is_none_is_refused(
    services: Services, birthdate: object
) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.people.add(email="eve@example.test", claims={"birthdate": birthdate})
    assert list(refused.value.fields) == ["birthdate"]


def test_a_name_of_ones_own_is_not_taken(services: Services, db: Any) -> None:
    claims = {"phone_number": "+5581999990001", "birthdate": "1990-12-31"}
    row = services.people.add(email="eve@example.test", username="eve", claims=claims)
    db.session.commit()
    assert (row.username, row.phone) == ("eve", "+5581999990001")
