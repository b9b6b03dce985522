"""Pictures of strangers: drawn anew, or not shown."""

import io

import pytest
from PIL import Image, PngImagePlugin

from authserver.adapters.picture import EDGE, NotAPicture, redraw
from tests.support.pictures import bomb, drawn, png

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_becomes_a_small_png(kind):
    shown = Image.open(io.BytesIO(redraw(drawn(kind, 1024, 512))))
    assert shown.format == "PNG" and shown.size == (EDGE, EDGE // 2)


def test_nothing_but_the_pixels_is_kept():
    """A comment, a profile, or a page of script behind the picture stay outside."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "<script>alert(1)</script>")
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "PNG", pnginfo=words)
    shown = redraw(written.getvalue() + b"<script>alert(2)</script>")
    assert b"script" not in shown
    assert not Image.open(io.BytesIO(shown)).info


@pytest.mark.parametrize(
    "data",
    {
        "svg": SVG,
        "page": b"<!doctype html><script>alert(1)</script>",
        "nothing": b"",
        "half": png(256, 256)[:60],
        "bomb": bomb(),
        "too many pixels": drawn("PNG", 4001, 4000),
        "wide bomb": bomb(2**31 - 1, 1),
        "no width": bomb(0, 7),
        "bmp": drawn("BMP"),
        "tiff": drawn("TIFF"),
        "ico": drawn("ICO"),
        "pdf": drawn("PDF"),
    }.items(),
    ids=lambda pair: pair[0],
)
def test_what_is_no_picture_of_these_formats_is_not_shown(data):
    with pytest.raises(NotAPicture):
        redraw(data[1])
