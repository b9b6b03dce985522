"""A QR code for authenticator apps: as inline SVG, or as a path for a page to draw."""

import io
from dataclasses import dataclass
from itertools import groupby

import segno

BORDER = 2


@dataclass(frozen=True)
class Drawing:
    """The dark parts as the path of an SVG: digits and letters, nothing to escape."""

    size: int
    """Width and height of the picture in modules, with its quiet edge."""
    path: str


def draw(text: str) -> Drawing:
    """Draw the text, row by row; the page says how large and in which colours."""
    rows = [bytes(row) for row in _code(text).matrix_iter(border=BORDER)]
    parts = []
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            width = len(list(run))
            if is_dark:
                parts.append(f"M{x} {y}h{width}v1H{x}z")
            x += width
    return Drawing(len(rows), "".join(parts))


def svg(text: str) -> str:
    """Draw the text as a whole picture; it takes its size from where it is put."""
    out = io.BytesIO()
    _code(text).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=BORDER,
        nl=False,
    )
    return out.getvalue().decode()


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="m")
