"""When something happened, as the reader of a letter sees it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from authserver.core.device import Device, here
from authserver.core.letters import Rendered
from authserver.http import letters
from authserver.models import OutboxLetter
from authserver.services import Services
from tests.support.caller import PASSWORD

JUST_PAST_MIDNIGHT = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "when": JUST_PAST_MIDNIGHT,
    "gone_at": JUST_PAST_MIDNIGHT,
    "undo_link": "https://id.example/account/keep",
    "name": "Ada",
    "ip": "203.0.113.7",
    "device": "Firefox, Linux",
}


def rendered(app: Any, language: str, zone: str | None) -> Rendered:
    with app.app_context():
        facts = FACTS | {"zone": zone}
        return letters.render(app, "account_deleted", language, facts)


@pytest.mark.parametrize(
    ("language", "zone", "when", "day"),
    [
        ("en", "America/Sao_Paulo", "(Brasilia Standard Time)", "November 19, 2026"),
        ("pt-BR", "America/Sao_Paulo", "21:05 (Horário Padrão", "19 de novembro"),
        ("zh-Hans-CN", "Asia/Shanghai", "08:05 (中国标准时间)", "2026年11月20日"),
        ("en", "Asia/Kathmandu", "(GMT+05:45)", "November 20, 2026"),
        ("en", None, "(Coordinated Universal Time)", "November 20, 2026"),
        ("en", "Mars/Olympus", "(Coordinated Universal Time)", "November 20, 2026"),
    ],
)
def test_moments_are_told_by_the_clock_of_the_reader(
    app: Any, language: str, zone: str | None, when: str, day: str
) -> None:
    """A zone has a name: somebody reads it in another place, or another year."""
    _, text, html = rendered(app, language, zone)
    for part in (text, html):
        assert when in part
        assert part.count(day) == 2, "the day it was done, and the day it is gone"


@pytest.fixture
def in_english() -> Iterator[None]:
    """Nobody asks here, whatever was asked before."""
    token = here.set(Device(language="en"))
    yield
    here.reset(token)


@pytest.mark.usefixtures("in_english")
def test_a_letter_is_told_by_the_clock_of_its_owner(
    services: Services, db: Any
) -> None:
    user = services.people.add(email="ada@example.test", password=PASSWORD)
    user.timezone = "Asia/Shanghai"
    db.session.flush()
    services.letters.password_changed(user)
    row = db.session.query(OutboxLetter).filter_by(letter="password_changed").one()
    body = services.outbox.message(row).get_body(("plain",))
    assert body is not None
    assert "PM (China Standard Time)" in body.get_content(), "it is noon in Greenwich"
