"""What becomes of a brand's colour, and that the stylesheet says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from authserver.core import contrast

SHEET = Path("authserver/static/style.css").read_text(encoding="utf-8")
DARK = SHEET.partition("@media (prefers-color-scheme: dark)")[2].partition("}\n}")[0]
LIGHT = SHEET.partition("@media (prefers-color-scheme: dark)")[0]
EVERY = [f"#{r:02x}{g:02x}{b:02x}" for r in (0, 64, 128, 192, 255)
         for g in (0, 64, 128, 192, 255) for b in (0, 64, 128, 192, 255)]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_as_wcag_measures_it(one, other, ratio):
    assert round(contrast.ratio(one, other), 2) == ratio
    assert contrast.ratio(one, other) == contrast.ratio(other, one)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_whatever_colour_is_chosen_what_is_drawn_can_be_read(scheme):
    """The promise of the stylesheet, in numbers: 125 colours, both schemes."""
    wrong = [one for one in EVERY if not contrast.look(one, scheme).is_legible]
    assert wrong == []


def test_a_colour_that_cannot_be_read_is_said_to_be_moved():
    yellow = contrast.look("#ffe000", "light")
    assert yellow.is_moved
    assert yellow.untouched < 1.5
    assert yellow.is_legible
    navy = contrast.look("#1a2b6d", "light")
    assert not navy.is_moved
    assert contrast.look("#1a2b6d", "dark").is_moved


@pytest.mark.parametrize(
    ("part", "scheme"), [(LIGHT, "light"), (DARK, "dark")], ids=["light", "dark"]
)
def test_the_numbers_are_those_of_the_stylesheet(part, scheme):
    def of(name):
        found = re.search(rf"--{name}: (#[0-9a-f]+);", part)[1]
        is_short = len(found) == 4
        return "#" + "".join(c * 2 for c in found[1:]) if is_short else found

    assert of("surface") == contrast.SURFACES[scheme]
    assert of("page") == contrast.PAGES[scheme]
    assert of("on-accent") == contrast.ON_ACCENT[scheme]
    assert "min(l, .48) c h" in SHEET
    assert "max(l, .79) min(c, .13) h" in SHEET
    bounds = (contrast.LIGHTEST_OF_LIGHT, contrast.DARKEST_OF_DARK)
    assert (*bounds, contrast.MOST_CHROMA) == (0.48, 0.79, 0.13)
