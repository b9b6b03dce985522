"""Somebody's picture, drawn anew: what leaves here was written by us.

Only a handful of raster formats are opened, never SVG, which is a program; only the
first frame; and nothing but the pixels is kept: no metadata, no second file within.
"""

import io
from typing import Any

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MAX_PIXELS = 16_000_000
"""Before anything is unpacked: a few bytes may stand for a very large picture."""

EDGE = 256
"""The longest side of what is kept, in pixels: shown at 44."""


class NotAPicture(Exception):
    """There is no picture in these bytes that we would show.  The text is for the log."""


def redraw(data: bytes, *, edge: int = EDGE) -> bytes:
    """Give the picture as a small PNG.

    Args:
        data: A picture, or anything.
        edge: The longest side of what is kept, in pixels.

    Raises:
        NotAPicture: It is none, of another format, too large, or broken.
    """
    # Here and not above: a worker that never draws need not know how.
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as found:
            width, height = found.size
            if not 0 < width * height <= MAX_PIXELS:
                raise NotAPicture(f"{width} by {height} pixels")
            turned: Any = ImageOps.exif_transpose(found) or found
            drawn = turned.convert("RGBA")
    except NotAPicture:
        raise
    except Exception as fault:  # noqa: BLE001 -- decoders fail in any way there is
        raise NotAPicture(type(fault).__name__) from None
    drawn.thumbnail((edge, edge))
    clean = Image.new("RGBA", drawn.size)
    clean.paste(drawn)
    written = io.BytesIO()
    clean.save(written, "PNG", optimize=True)
    return written.getvalue()
