"""The CPF of a person: sealed, unique, found by a blind index (C25)."""

import os
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from authserver.core.cpf import TAKEN, Cpfs, masked
from authserver.crypto.sealed import SealBroken, Sealer
from authserver.errors import Conflict, InvalidInput
from authserver.models import User
from authserver.services import Services
from tests.core.conftest import PASSWORD

CPF = "529.982.247-25"


@pytest.fixture
def grace(services: Services, db: Any) -> User:
    user = services.people.add(
        email="grace@example.test", password=PASSWORD, verified=True
    )
    db.session.commit()
    return user


@pytest.mark.parametrize("typed", ["52998224725", " 529.982.247-25 ", "529982247-25"])
def test_c25_it_is_found_however_it_is_typed(
    services: Services, ada: User, typed: str
) -> None:
    services.cpfs.assign(ada, CPF)
    assert services.cpfs.find(typed) == ada.id
    assert services.cpfs.open(ada.id, ada.cpf_sealed) == CPF


def test_c25_it_belongs_to_one(services: Services, ada: User, grace: User) -> None:
    services.cpfs.assign(ada, CPF)
    services.cpfs.assign(ada, CPF)  # their own they may say again
    with pytest.raises(Conflict) as refusal:
        services.cpfs.assign(grace, CPF)
    assert refusal.value.fields == {"cpf": [TAKEN]}
    assert grace.cpf_index is None
    services.cpfs.assign(ada, None)
    services.cpfs.assign(grace, CPF)


def test_c25_a_seal_copied_to_another_row_does_not_open(
    services: Services, ada: User, grace: User
) -> None:
    services.cpfs.assign(ada, CPF)
    with pytest.raises(SealBroken):
        services.cpfs.open(grace.id, ada.cpf_sealed)


def test_c25_the_index_is_no_bare_hash(services: Services, ada: User) -> None:
    """A billion numbers are soon hashed by whoever has read the table."""
    services.cpfs.assign(ada, CPF)
    other = replace(services.cpfs, keys=(os.urandom(32),))
    assert other.find(CPF) is None


def test_c25_a_change_of_keys_loses_nobody(
    services: Services, db: Any, ada: User, grace: User
) -> None:
    """The new key stands in front; what the old one made is still found and opened."""
    old, new = os.urandom(32), os.urandom(32)
    before = Cpfs(db.session, Sealer([old]), (old,))
    after = Cpfs(db.session, Sealer([new, old]), (new, old))
    before.assign(ada, CPF)
    db.session.flush()
    assert after.find(CPF) == ada.id
    assert after.open(ada.id, ada.cpf_sealed) == CPF
    with pytest.raises(Conflict):
        after.assign(grace, CPF)


@pytest.mark.parametrize("typed", ["000.000.000-00", "529.982.247-24", "x", "1" * 99])
def test_c25_what_is_none_is_refused(services: Services, ada: User, typed: str) -> None:
    with pytest.raises(InvalidInput):
        services.cpfs.assign(ada, typed)
    assert ada.cpf_sealed is None


def test_enough_is_shown_to_know_it_again() -> None:
    assert masked(CPF) == "***.982.247-**"
    assert masked(None) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("cpf", CPF), ("username", "lovelace"), ("phone", "+5511999999999")],
)
def test_of_two_who_take_one_at_one_moment_one_gets_it(
    services: Services,
    db: Any,
    app: Flask,
    ada: User,
    grace: User,
    field: str,
    value: str,
) -> None:
    ids, start, answers = (ada.id, grace.id), threading.Barrier(2), []
    db.session.rollback()

    def go(user_id: Any) -> None:
        with app.app_context():
            start.wait()
            try:
                services.profiles.change(user_id, {field: value})
                db.session.commit()
                answers.append(["won"])
            except Conflict as refusal:
                db.session.rollback()
                answers.append(list(refusal.fields))

    racers = [threading.Thread(target=go, args=(one,)) for one in ids]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == sorted([["won"], [field]])
