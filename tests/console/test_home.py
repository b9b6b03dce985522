"""The first screen: figures, series by day as bars and as a table, concerns."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from authserver.console import charts
from authserver.models import OutboxLetter
from tests.support.noon import NOON
from tests.support.reader import Reader

TODAY = f"{NOON:%Y-%m-%d}"
DAYS = ["2026-11-18", "2026-11-19", "2026-11-20"]


def test_bars_stand_on_the_ground_and_on_each_other():
    chart = charts.draw(DAYS, [1, 0, 4], [2, 0, 1])
    assert [(one.day, one.value, one.is_second) for one in chart.bars] == [
        (DAYS[0], 1, False),
        (DAYS[0], 2, True),
        (DAYS[2], 4, False),
        (DAYS[2], 1, True),
    ]
    ground = charts.HEIGHT - charts.BOTTOM
    low, high = chart.bars[2:]
    assert low.y + low.height == pytest.approx(ground)
    assert high.y + high.height == pytest.approx(low.y)
    assert chart.total == (5, 3)
    assert chart.rows[0] == (DAYS[0], (1, 2))


@pytest.mark.parametrize(
    ("most", "labels"),
    [
        (0, ["0", "1"]),
        (3, ["0", "5"]),
        (10, ["0", "5", "10"]),
        (11, ["0", "10", "20"]),
        (1500, ["0", "1k", "2k"]),
        (10**9, ["0", "500M", "1G"]),
    ],
)
def test_lines_stand_at_round_numbers(most, labels):
    chart = charts.draw(["2026-11-20"], [most])
    assert [line.label for line in chart.lines] == labels
    assert all(charts.TOP <= line.y <= charts.HEIGHT for line in chart.lines)


def test_no_days_are_no_fault():
    assert charts.draw([], []).bars == ()


def test_figures_are_shown_and_the_table_says_the_same(enter: Callable[..., Reader]):
    root = enter("super_admin").open("/console")
    assert root.path == "/console/overview"
    assert "Sign-ins" in root.text
    bars = [e for e in root.document.all("title") if e.text.startswith(TODAY)]
    table = root.document.get("chart-1-table")
    today = next(e for e in table.walk() if e.tag == "td")
    assert today.text == TODAY
    assert bars
    assert root.has("attention")


def test_concerns_are_told_in_words(enter, services, db, clock):
    root = enter("super_admin")
    row = OutboxLetter(letter="x", recipient="a@b.c", status="failed")
    row.created_at = row.not_before = clock.now()
    db.session.add(row)
    db.session.commit()
    services.overview._kept = None
    root.open("/console/overview")
    assert "Letters that were given up: 1." in root.document.get("attention").text


def test_an_editor_sees_figures_and_not_the_state_of_the_system(enter):
    editor = enter("editor").open("/console/overview")
    assert editor.has("figures")
    assert not editor.has("attention")


def test_the_account_leads_whoever_looks_after_others_to_the_console(enter):
    assert enter("user").open("/account").has("console") is False
    assert enter("editor").open("/account").link("console").path.startswith("/console")


@pytest.mark.parametrize("language", ["pt-BR", "zh-Hans-CN", "es", "ar"])
def test_the_console_speaks(enter, language):
    root = enter("super_admin")
    english = root.open("/console/users").heading
    root.open(f"/console/users?ui_locales={language}")
    assert root.heading != english
    html = root.document.all("html")[0]
    assert (html.get("lang"), html.get("dir")) == (
        language,
        "rtl" if language == "ar" else "ltr",
    )
    assert root.open("/console/roles").heading != "Roles" or language == "es"
