"""Pictures for tests, and things that say they are pictures."""

import io
import struct
import zlib

from PIL import Image


def drawn(kind: str, width: int = 64, height: int = 64) -> bytes:
    """A picture of some colour, in a format that Pillow writes."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), (36, 86, 201)).save(written, kind)
    return written.getvalue()


def png(width: int = 64, height: int = 64) -> bytes:
    return drawn("PNG", width, height)


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG that says it is large; its pixels need never come."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(body)) + name + body
        + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
