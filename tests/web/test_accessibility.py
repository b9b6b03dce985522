"""WCAG 2.2 AA as axe-core sees it, and what a keyboard reaches: every page in Chromium.

The samples are those of the previews, under the server's Content-Security-Policy; each
is looked at in light and in dark, in three languages, of which one runs right to left.
"""

import re
from functools import cache

import pytest
from babel.support import NullTranslations

from tests.support import axe, preview, preview_samples
from tests.support.chromium import UNSEEN, chromium
from tests.support.preview_gallery import Gallery

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LANGUAGES = ("en", "pt-BR", "ar")
PAGES = [
    sample.name
    for sample in preview_samples.samples(NullTranslations().gettext)
    if not sample.name.startswith("mail/")
]
SMALLEST_PX, LINE_PX = 320, 24
"""WCAG 1.4.10 (1280 px at 400 %) and 2.5.8."""
PARTS_OF_A_DATE = 4

DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}\s*\}")
FIND = """async ([type, values]) => {
  const found = await axe.run({runOnly: {type, values}});
  return found.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 120))]);
}"""
REACHABLE = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary,"
    + " [tabindex='0']")]
  .filter(e => e.checkVisibility({checkVisibilityCSS: true}) && !e.disabled
    && !(e.type === "radio" && !e.checked && document.querySelector(
      `input[type=radio][name="${e.name}"]:checked`)))
  .map((e, n) => { e.dataset.walk = n; return e.outerHTML.slice(0, 120); })"""
WALK = """() => {
  window.walked = [];
  addEventListener("focusin", (event) => {
    const e = event.target, s = getComputedStyle(e);
    walked.push([e.dataset.walk ?? null,
                 s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2
                 || s.boxShadow !== "none"]);
  });
}"""
TOO_SMALL = """(line) => [...document.querySelectorAll("button, input, select, summary")]
  .filter(e => e.checkVisibility() && e.type !== "hidden")
  .filter(e => ![e, ...(e.labels ?? [])].some(
    one => one.getBoundingClientRect().height >= line))
  .map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def gallery():
    """Pages as they are served, in a browser of this machine."""
    assert axe.PROGRAM.is_file(), "axe-core is not here: make node"
    with chromium(switches=UNSEEN) as browser:
        page = browser.new_page(viewport={"width": SMALLEST_PX, "height": 800})
        with Gallery(page) as studio:
            yield studio


@cache
def in_language(lang):
    """Give where templates are rendered, and what is shown, by name."""
    words = preview.catalog(lang).gettext
    by_name = {one.name: one for one in preview_samples.samples(words)}
    return preview.environment(lang), by_name


@pytest.fixture
def opened(gallery):
    """Open a sample in a language; give the page."""

    def open_it(name, lang):
        environment, by_name = in_language(lang)
        html = preview.render(environment, by_name[name], lang=lang)
        assert gallery.show(name, html) == []
        return gallery.page

    return open_it


def test_a_scheme_changes_values_of_the_stylesheet_and_no_rule():
    for sheet in (preview.ROOT / "authserver/static").rglob("*.css"):
        css = sheet.read_text(encoding="utf-8")
        blocks = DARK.findall(css)
        assert len(blocks) == css.count("prefers-color-scheme"), sheet
        lines = [line for block in blocks for line in block.split(";") if line.strip()]
        assert all(line.strip().startswith("--") for line in lines), sheet


@pytest.mark.live
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing(gallery, opened, lang, name):
    page = opened(name, lang)
    gallery.load_axe()
    for scheme, wanted in (("light", ["tag", RULES]), ("dark", ["rule", axe.COLOURS])):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(FIND, wanted) == [], scheme


@pytest.mark.live
@pytest.mark.parametrize("name", PAGES)
def test_a_keyboard_reaches_everything_in_order_and_sees_where_it_is(opened, name):
    """WCAG 2.1.1, 2.4.3, 2.4.7; 2.5.8 for what is pressed."""
    page = opened(name, "en")
    reachable = page.evaluate(REACHABLE)
    page.evaluate("document.body.tabIndex = -1, document.body.focus()")
    page.evaluate(WALK)
    # Day, month, year and the calendar of one field are stops of their own.
    dates = page.locator("input[type=date]").count()
    for _ in range(len(reachable) + dates * (PARTS_OF_A_DATE - 1)):
        page.keyboard.press("Tab")
    walked = page.evaluate("walked")
    numbers = [number for number, _ in walked]
    assert numbers == [str(number) for number in range(len(reachable))], reachable
    assert [number for number, is_seen in walked if not is_seen] == []
    assert page.evaluate(TOO_SMALL, LINE_PX) == []
