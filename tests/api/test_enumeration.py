"""Nobody learns from us who has an account (C12, C5): answers and costs are alike.

Known and unknown addresses are asked about in turn, 500 times each on PostgreSQL, which
is what production runs on; 100 times on SQLite, since it is the same code.  The
distributions are printed.  Runs of the hash and statements are equal; what is asserted of time is
generous, since machines are shared: the median processor time is close.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.support.caller import PASSWORD, Caller
from tests.support.cost import cpu_seconds, described, metered, overlap

pytestmark = pytest.mark.live

TRIES = {"postgresql": 500, "sqlite": 100}
WAITING = "waiting@example.test"
OTHER = "Zwölf-Hähne-am-Kai-9"

ENDPOINTS: dict[str, tuple[str, dict[str, str]]] = {
    "sign-up": ("/auth/signup", {"password": OTHER}),
    "sign-in": ("/auth/signin", {"password": "not the right one"}),
    "forgot": ("/auth/forgot-password", {}),
    "magic link": ("/auth/magic-link", {}),
    "resend": ("/auth/verify-email/resend", {}),
}


@pytest.fixture(params=ENDPOINTS, ids=str)
def ask(api: Caller, ada: str, request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Ask one endpoint about an address."""
    api.post("/auth/signup", {"email": WAITING, "password": PASSWORD})
    path, given = ENDPOINTS[request.param]
    return lambda email: api.post(path, {"email": email, **given})


@pytest.fixture
def known(request: pytest.FixtureRequest, ada: str) -> str:
    """Whom the endpoint does something for: resending is for who waits."""
    asked = request.node.callspec.params["ask"]
    return WAITING if asked == "resend" else ada


def test_answers_are_alike(ask: Callable[[str], Any], known: str) -> None:
    """Status, body but for ids and times, and headers."""

    def face(answer: Any) -> Any:
        told = answer.json | {"traceId": ""}
        if isinstance(told.get("data"), dict) and "user" in told["data"]:
            told["data"] = sorted([*told["data"], *told["data"]["user"]])
        headers = {
            name: value if name != "Content-Length" else ""
            for name, value in answer.headers
            if name not in ("X-Trace-Id", "Set-Cookie")
        }
        return answer.status_code, told, headers

    ask("first@example.test")  # it may get the cookie of its browser
    assert face(ask(known)) == face(ask("nobody@example.test"))


def test_work_is_alike(
    app: Flask,
    ask: Callable[[str], Any],
    known: str,
    database_kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    with_account: list[float] = []
    without: list[float] = []
    costs: dict[bool, set[tuple[int, int]]] = {True: set(), False: set()}
    lasting = request.node.callspec.params["ask"] == "sign-in"
    with metered(app, monkeypatch) as meter:
        for number in range(TRIES[database_kind] + 10):
            is_warm = number >= 10
            # Failures must not lock: a locked password is asked about elsewhere.
            if lasting:
                _forget_failures(app, known)
            for email, times in (
                (known, with_account),
                (f"nobody{number}@example.test", without),
            ):
                meter.reset()
                spent = cpu_seconds(lambda email=email: ask(email))
                if is_warm:
                    times.append(spent)
                    costs[email == known].add(meter.cost)
    middle = statistics.median(with_account), statistics.median(without)
    with capsys.disabled():
        print(
            f"\n{request.node.name}: known {described(with_account)} ms,"
            f" unknown {described(without)} ms,"
            f" overlap {overlap(with_account, without):.2f},"
            f" cost {costs[True]} and {costs[False]}"
        )
    assert costs[True] == costs[False]
    assert max(middle) < 1.5 * min(middle)


def _forget_failures(app: Flask, email: str) -> None:
    from authserver.models import User, db

    with app.app_context():
        user = db.session.query(User).filter_by(email=email).one()
        user.failed_login_attempts, user.locked_until = 0, None
        db.session.commit()
