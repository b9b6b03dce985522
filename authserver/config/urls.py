"""URLs in settings: taken apart, and made of an address and a port."""

from urllib.parse import SplitResult, urlsplit

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 -- compared, not bound


def parts(text: str) -> SplitResult:
    """Take a URL apart; what is none has no parts."""
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return urlsplit("")
    return url


def local_url(host: str, port: int) -> str:
    """Give where this machine reaches a server that listens on this address."""
    host = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
