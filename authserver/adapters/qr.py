"""A QR code as inline SVG, for authenticator apps."""

import io

import segno


def svg(text: str) -> str:
    """Draw the text; the picture takes its colour and size from the page's sheet."""
    out = io.BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, nl=False
    )
    return out.getvalue().decode()
