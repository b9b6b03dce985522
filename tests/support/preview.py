"""The hosted pages and letters without a server: rendered, photographed, examined.

``python -m tests.support.preview`` renders every sample of ``preview_samples`` in
Chromium, at the widths, schemes and languages asked for, with the
Content-Security-Policy of the server, and prints what broke: a console error, a page
wider than the window, an axe-core finding (``--axe path/to/axe.min.js``).  Those that are
kept in ``docs/screens`` are taken by ``preview_album``.
"""

import argparse
import functools
import itertools
import json
import math
import mimetypes
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel import Locale, dates, numbers
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, select_autoescape
from PIL import Image
from playwright.sync_api import Browser, Page, Route, sync_playwright
from werkzeug.datastructures import MultiDict

from authserver.http import letters
from tests.support import preview_kit, preview_samples

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "https://preview.test"
"""A secure context, as passkeys need one; nothing is fetched from it."""
NONCE = "cHJldmlldw"
POLICY = (
    f"default-src 'none'; script-src 'nonce-{NONCE}'; style-src 'nonce-{NONCE}';"
    f" img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self';"
    f" base-uri 'none'; frame-ancestors 'none'"
)
COLOURS = 64
"""Of a picture: enough for pages without photographs, and a third of the size."""
LANGUAGES = {
    "en": ("en", "English"),
    "pt-BR": ("pt_BR", "Português (Brasil)"),
    "zh-Hans-CN": ("zh_Hans_CN", "简体中文"),
    "es": ("es", "Español"),
    "ar": ("ar", "العربية"),
}


@dataclass(frozen=True)
class Asked:
    """The part of Flask's request that templates read."""

    path: str
    args: MultiDict


def catalog(lang: str) -> NullTranslations:
    """The compiled words of a language; English is its own msgids."""
    if lang == "en":
        return NullTranslations()
    return Translations.load(ROOT / "authserver/locale", LANGUAGES[lang][0])


@functools.cache
def environment(lang: str) -> Environment:
    """Jinja as the server sets it up: autoescape for HTML, gettext of one language."""
    words, locale = catalog(lang), LANGUAGES[lang][0]
    jinja = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=select_autoescape(["html"]),
        extensions=["jinja2.ext.i18n"],
    )
    jinja.install_gettext_translations(words, newstyle=True)
    jinja.filters |= {
        "numberformat": lambda number: numbers.format_decimal(number, locale=locale),
        "timedeltaformat": lambda span: dates.format_timedelta(span, locale=locale),
    }
    jinja.globals["url_for"] = lambda _endpoint, filename: f"/static/{filename}"
    return jinja


def render(jinja: Environment, sample: preview_kit.Sample, *, lang: str) -> str:
    """Give one sample as the server would send it."""
    return jinja.get_template(sample.template).render(facts_of(sample, lang=lang))


def text_twin(
    jinja: Environment, letter: preview_kit.Sample, *, lang: str
) -> tuple[str, str]:
    """Give the subject and the text part of a letter, as the server takes them."""
    template = jinja.get_template(letter.template.replace(".html", ".txt"))
    module = template.make_module(facts_of(letter, lang=lang))
    return module.subject, str(module)


def facts_of(sample: preview_kit.Sample, *, lang: str) -> dict[str, Any]:
    """Give what a sample is rendered with: the frame of every page, then its own."""
    return {
        **preview_kit.frame(),
        "lang": lang,
        "dir": "rtl" if lang == "ar" else "ltr",
        "languages": [(tag, own) for tag, (_, own) in LANGUAGES.items()],
        "csp_nonce": NONCE,
        "request": Asked("/" + sample.name, MultiDict({"interaction": "8Zq"})),
        **sample.facts,
        **_moments(sample, lang),
    }


def _moments(sample: preview_kit.Sample, lang: str) -> dict[str, str]:
    """Give the moments of a letter as the server tells them."""
    if not sample.name.startswith("mail/"):
        return {}
    return letters.moments(sample.facts, Locale.parse(LANGUAGES[lang][0]))


class Studio:
    """A Chromium page that sees the rendered samples under their own addresses."""

    origin = ORIGIN

    def __init__(self, page: Page, *, axe: Path | None) -> None:
        self.page, self.axe = page, axe
        self.pages: dict[str, str] = {}
        self.faults: list[str] = []
        page.on("console", self.overhear)
        self.watch()

    def watch(self) -> None:
        """See what the page asks for."""
        self.page.route("**/*", self.answer)

    def overhear(self, message: object) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text}")

    def answer(self, route: Route) -> None:
        if not route.request.url.startswith(ORIGIN):
            self.faults.append(f"request elsewhere: {route.request.url}")
            route.abort()
            return
        status, headers, body = self.found(urlsplit(route.request.url).path)
        route.fulfill(status=status, headers=headers, body=body)

    def found(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Give what is there: status, headers, body."""
        if path.startswith("/static/"):
            file = ROOT / "authserver" / path.lstrip("/")
            if not file.is_file():
                return 404, {}, b""
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return 200, {"Content-Type": kind}, file.read_bytes()
        if path in self.pages:
            headers = {"Content-Type": "text/html; charset=utf-8"}
            if "/mail/" not in path:
                headers["Content-Security-Policy"] = POLICY
            if "data-worker=" in self.pages[path]:  # as headers.allow_worker
                headers["Content-Security-Policy"] += "; worker-src 'self'"
            return 200, headers, self.pages[path].encode()
        return 204, {}, b""

    def show(self, name: str, html: str) -> list[str]:
        """Open a page, and say what was wrong on the way."""
        self.faults.clear()
        self.pages.clear()
        self.pages[f"/{name}"] = html
        self.open(name)
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        if self.page.evaluate(wide):
            self.faults.append("wider than the window")
        return self.faults

    def open(self, name: str) -> None:
        # A form_post page leaves before it has loaded, so wait for its last element.
        self.page.goto(f"{self.origin}/{name}", wait_until="commit")
        self.page.wait_for_selector("body > :last-child", state="attached")

    def look(self, name: str, html: str, *, picture: Path) -> list[str]:
        """Open a page, photograph it whole, and say what is wrong with it."""
        self.show(name, html)
        if self.axe and not name.startswith("mail/"):
            self.page.evaluate(self.axe.read_text())
            found = self.page.evaluate("axe.run().then(r => r.violations)")
            for item in found:
                nodes = [node["html"][:120] for node in item["nodes"]]
                self.faults.append(f"axe {item['id']}: {json.dumps(nodes)}")
        picture.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=picture, full_page=True)
        with Image.open(picture) as drawn:
            in_few_colours(drawn).save(picture, optimize=True)
        return self.faults


def in_few_colours(drawn: Image.Image) -> Image.Image:
    """Keep the colours that there is most of as they are, and the nearest for others.

    Colour by colour: Pillow's own search takes what is near for what is the same.
    """
    whole = drawn.convert("RGB")
    counted = whole.getcolors(whole.width * whole.height) or []
    ranked = [
        colour for _, colour in sorted(counted, key=lambda one: (-one[0], one[1]))
    ]
    most = ranked[:COLOURS]
    near = {
        colour: min(range(len(most)), key=lambda n: math.dist(most[n], colour))
        for colour in ranked
    }
    few = Image.frombytes("P", whole.size, bytes(map(near.get, pixels(whole))))
    few.putpalette([part for colour in most for part in colour])
    return few


def pixels(whole: Image.Image) -> Iterator[tuple[int, ...]]:
    parts = iter(whole.tobytes())
    return zip(parts, parts, parts, strict=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser that everything is drawn in."""
    with sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def photograph(
    browser: Browser,
    samples: Iterable[tuple[preview_kit.Sample, Path]],
    *,
    lang: str,
    scheme: str,
    width: int,
    axe: Path | None = None,
) -> int:
    """Take pictures of samples, say what is wrong with each, and how many faults."""
    wrong, jinja = 0, environment(lang)
    page = browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    studio = Studio(page, axe=axe)
    for sample, picture in samples:
        html = render(jinja, sample, lang=lang)
        for fault in studio.look(sample.name, html, picture=picture):
            wrong += 1
            sys.stdout.write(f"{picture.name}: {fault}\n")
    page.close()
    return wrong


def main(arguments: list[str] | None = None) -> int:
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("--out", type=Path, default=ROOT / "screens")
    asks.add_argument("--lang", nargs="+", default=["en"], choices=LANGUAGES)
    asks.add_argument("--scheme", nargs="+", default=["light"])
    asks.add_argument("--width", nargs="+", type=int, default=[1280])
    asks.add_argument("--only", nargs="+", default=[""], help="start of sample names")
    asks.add_argument("--axe", type=Path, default=None)
    options = asks.parse_args(arguments)
    wrong = 0
    with chromium() as browser:
        for lang, scheme, width in itertools.product(
            options.lang, options.scheme, options.width
        ):
            wrong += photograph(
                browser,
                [
                    (one, options.out / f"{file_of(one)}.{lang}.{scheme}.{width}.png")
                    for one in preview_samples.samples(catalog(lang).gettext)
                    if one.name.startswith(tuple(options.only))
                ],
                lang=lang,
                scheme=scheme,
                width=width,
                axe=options.axe,
            )
    return 1 if wrong else 0


def file_of(sample: preview_kit.Sample) -> str:
    return sample.name.replace("/", "-")


if __name__ == "__main__":
    raise SystemExit(main())
