"""Who plays in the black-box tests: people, relying parties, a browser.

Fixtures, made once for each database; a folder of tests takes them over in its
`conftest.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import enrolment
from tests.support.browser import Browser
from tests.support.person import Person
from tests.support.pushing import CALLBACKS, KINDS
from tests.support.relying_party import RelyingParty


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("enrolment")


@pytest.fixture(scope="session")
def enrol_client(server: Any, folder: Path) -> Callable[..., RelyingParty]:
    return lambda **wishes: enrolment.enrol_client(server, folder, **wishes)


@pytest.fixture(scope="session")
def ada(server: Any, folder: Path) -> Person:
    """A person who owns every standard claim (G12)."""
    return enrolment.enrol_person(server, folder)


@pytest.fixture(scope="session")
def grace(server: Any, folder: Path) -> Person:
    """Somebody else."""
    return enrolment.enrol_person(server, folder, claims={})


@pytest.fixture(scope="session")
def rp(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    """A confidential client as most are: code flow, client_secret_basic."""
    return enrol_client()


@pytest.fixture(params=[None, "form_post"], ids=["query", "form_post"])
def client(rp: RelyingParty, request: pytest.FixtureRequest) -> RelyingParty:
    """Basic OP and Form Post OP: the same modules, answered in two ways."""
    return rp.speaking(request.param)


@pytest.fixture(scope="session")
def post_rp(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    return enrol_client(auth_method="client_secret_post")


@pytest.fixture(params=[None, "form_post"], ids=["query", "form_post"])
def post_client(post_rp: RelyingParty, request: pytest.FixtureRequest) -> RelyingParty:
    return post_rp.speaking(request.param)


@pytest.fixture(scope="session")
def other_rp(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    """Another client, honest about itself, after what belongs to the first."""
    return enrol_client()


@pytest.fixture(scope="session")
def public_rp(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    return enrol_client(auth_method="none")


@pytest.fixture(scope="session", params=KINDS)
def par_rp(
    enrol_client: Callable[..., RelyingParty], request: pytest.FixtureRequest
) -> RelyingParty:
    """Who pushes: an ordinary client, and one of FAPI 2.0."""
    return enrol_client(redirect_uris=CALLBACKS, **KINDS[request.param])


@pytest.fixture(scope="session")
def fapi_rp(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    return enrol_client(redirect_uris=CALLBACKS, **KINDS["fapi2"])


@pytest.fixture
def browser(server: Any) -> Iterator[Browser]:
    with Browser(server.url, verify=server.verify) as browser:
        yield browser


@pytest.fixture(scope="module")
def faultless(server: Any) -> Iterator[None]:
    """Whatever the tests of a module sent, the server met no fault of its own.

    A fault may be answered with a page that looks well; the log tells.
    """
    before = len(server.log)
    yield
    new = server.log[before:].splitlines()
    assert [line[:600] for line in new if "authserver.fault" in line] == []
