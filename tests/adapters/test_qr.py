"""What the page draws is the very code: read back, module by module."""

import re

import segno

from authserver.adapters import qr

TEXT = "otpauth://totp/Northwind:ada@example.org?secret=JBSWY3DPEHPK3PXP&issuer=N"
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1H(\d+)z")


def test_the_path_covers_exactly_the_dark_modules():
    drawing = qr.draw(TEXT)
    drawn = set()
    for x, y, width, back in RUN.findall(drawing.path):
        assert x == back
        drawn |= {(int(x) + step, int(y)) for step in range(int(width))}
    code = segno.make_qr(TEXT, error="m")
    wanted = {
        (x, y)
        for y, row in enumerate(code.matrix_iter(border=qr.BORDER))
        for x, dark in enumerate(row)
        if dark
    }
    assert drawn == wanted
    assert drawing.size == code.symbol_size(border=qr.BORDER)[0]
    assert RUN.sub("", drawing.path) == ""


def test_the_picture_is_one_svg_without_a_size_of_its_own():
    picture = qr.svg(TEXT)
    assert picture.startswith("<svg xmlns=")
    assert "<script" not in picture
    assert 'width="' not in picture
