"""URLs in settings, taken apart."""

from urllib.parse import SplitResult, urlsplit


def parts(text: str) -> SplitResult:
    """Take a URL apart; what is none has no parts."""
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return urlsplit("")
    return url
