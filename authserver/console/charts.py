"""Daily series as bars, drawn here: no script, no inline style, no request elsewhere.

What is given is coordinates for an SVG; the template draws them, and a table beside them
holds the same numbers for those who do not see pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 150
TOP, BOTTOM, LEFT = 14, 22, 34
GAP = 0.25
"""How much of a day's width stays empty."""


@dataclass(frozen=True)
class Bar:
    """One rectangle: where, and whether it is of the second series."""

    x: float
    y: float
    width: float
    height: float
    day: str
    value: int
    is_second: bool


@dataclass(frozen=True)
class Line:
    """A line across, at a round number."""

    y: float
    label: str


@dataclass(frozen=True)
class Chart:
    """All that the picture is made of."""

    width: int
    height: int
    left: int
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    first_day: str
    last_day: str
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    total: tuple[int, ...]


def draw(days: Sequence[str], *series: Sequence[int]) -> Chart:
    """Draw one series of numbers, or two, one upon the other.

    Args:
        days: ISO 8601 dates, the oldest first.
        series: As many numbers as days, each; none below zero.
    """
    rows = tuple(zip(days, zip(*series, strict=True), strict=True))
    most = _round_up(max((sum(values) for _, values in rows), default=0))
    room = HEIGHT - TOP - BOTTOM
    step = (WIDTH - LEFT) / max(1, len(days))
    bars: list[Bar] = []
    for place, (day, values) in enumerate(rows):
        foot = float(HEIGHT - BOTTOM)
        for order, value in enumerate(values):
            tall = room * value / most
            foot -= tall
            if value:
                bars.append(
                    Bar(
                        x=round(LEFT + step * (place + GAP / 2), 2),
                        y=round(foot, 2),
                        width=round(step * (1 - GAP), 2),
                        height=round(tall, 2),
                        day=day,
                        value=value,
                        is_second=order > 0,
                    )
                )
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        bars=tuple(bars),
        lines=tuple(_line(part, most, room) for part in _parts(most)),
        first_day=days[0] if days else "",
        last_day=days[-1] if days else "",
        rows=rows,
        total=tuple(sum(one) for one in series),
    )


def _line(value: int, most: int, room: int) -> Line:
    return Line(round(HEIGHT - BOTTOM - room * value / most, 2), _short(value))


def _parts(most: int) -> list[int]:
    return [0, most // 2, most] if most % 2 == 0 else [0, most]


def _round_up(value: int) -> int:
    """Give the next of 1, 2, 5, 10, 20, 50 ..., so that lines stand at round numbers."""
    unit = 1
    while True:
        for digit in (1, 2, 5):
            if digit * unit >= value:
                return digit * unit
        unit *= 10


def _short(value: int) -> str:
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return str(value)
