"""The list of the OpenID Foundation is whole: each number has a test that bears it."""

from __future__ import annotations

from tests.support.spec_table import OPENID_FOUNDATION, held


def test_every_demand_has_its_test() -> None:
    """Basic, Form Post, Config, RP-initiated logout, and what is common to all."""
    tested = {one.demand for one in held()}
    assert [demand for demand in OPENID_FOUNDATION if demand not in tested] == []
