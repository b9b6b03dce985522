"""Whether a colour can be read: contrast as WCAG 2.2 §1.4.3 measures it.

The stylesheet draws a brand's colour to a lightness at which text keeps 4.5:1 (see
``style.css``).  Here the same is done in numbers, so that an operator sees what becomes
of a colour, and how it would have been without.
"""

from dataclasses import dataclass
from math import atan2, cbrt, cos, hypot, sin

AA = 4.5
"""WCAG 2.2 §1.4.3, for text of any size."""

WHITE, NEARLY_BLACK = "#ffffff", "#10131c"
SURFACES = {"light": "#ffffff", "dark": "#1b1b19"}
PAGES = {"light": "#f5f4f1", "dark": "#121211"}
ON_ACCENT = {"light": WHITE, "dark": NEARLY_BLACK}
"""Of ``style.css``; a test holds that they are the same."""

DARKEST_OF_DARK, LIGHTEST_OF_LIGHT, MOST_CHROMA = 0.79, 0.48, 0.13

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Legibility:
    """How a colour does in one scheme.

    Attributes:
        scheme: ``light`` or ``dark``.
        colour: As it was chosen.
        drawn: As it is drawn for buttons and links.
        as_link: Contrast of that with what lies under it, the worse of two.
        as_button: Contrast of the words on a button with it.
        untouched: The worst of these, if the colour were drawn as it was chosen.
    """

    scheme: str
    colour: str
    drawn: str
    as_link: float
    as_button: float
    untouched: float

    @property
    def is_legible(self) -> bool:
        """Whether what is drawn meets level AA."""
        return min(self.as_link, self.as_button) >= AA

    @property
    def is_moved(self) -> bool:
        """Whether the colour as chosen would not, and so another is drawn."""
        return self.untouched < AA


def look(colour: str, scheme: str) -> Legibility:
    """Say how a colour ``#rrggbb`` does as links and buttons of one scheme."""
    other = drawn(colour, scheme)
    as_link, as_button = _worst(other, scheme)
    return Legibility(
        scheme, colour.lower(), other, as_link, as_button, min(_worst(colour, scheme))
    )


def _worst(colour: str, scheme: str) -> tuple[float, float]:
    under = (SURFACES[scheme], PAGES[scheme])
    return min(ratio(colour, one) for one in under), ratio(ON_ACCENT[scheme], colour)


def ratio(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def drawn(colour: str, scheme: str) -> str:
    """Give a brand's colour as ``style.css`` draws it in a scheme."""
    lightness, chroma, hue = _to_oklch(_linear(colour))
    if scheme == "light":
        lightness = min(lightness, LIGHTEST_OF_LIGHT)
    else:
        lightness = max(lightness, DARKEST_OF_DARK)
        chroma = min(chroma, MOST_CHROMA)
    return _to_hex(_of_oklch(lightness, chroma, hue))


def _linear(colour: str) -> Rgb:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklch(rgb: Rgb) -> Rgb:
    """CSS Color 4 §9.2: by way of OKLab."""
    red, green, blue = rgb
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, hypot(a, b), atan2(b, a)


def _of_oklch(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _to_hex(rgb: Rgb) -> str:
    written = ""
    for part in rgb:
        inside = min(1.0, max(0.0, part))
        curved = (
            inside * 12.92
            if inside <= 0.0031308
            else 1.055 * inside ** (1 / 2.4) - 0.055
        )
        written += f"{round(curved * 255):02x}"
    return f"#{written}"
