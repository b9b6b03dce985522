"""Read a protocol request strictly, before Authlib does.

Parameters once each (RFC 6749 §3.1, §3.2), an empty one is absent, forms are forms, and
nothing is taken from the query where a body is due: a token in a URL ends in logs and
histories (RFC 6750 §2.3).  Unknown parameters are left alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from flask import Request
from werkzeug.datastructures import Headers

from authserver.core.binding import UNBOUND
from authserver.core.proofs import NOTHING
from authserver.errors import AuthError, TooLarge
from authserver.http.context import this_request

FORM = "application/x-www-form-urlencoded"
REPEATABLE = frozenset({"resource", "audience"})  # RFC 8707 §2, RFC 8693 §2.1
"""What may come several times; kept as one text with spaces, as ``scope`` is.

A URI holds no space (RFC 3986 §2), and a name of ours neither, so it can be split again.
"""
MAX_VALUE = 64 * 1024
MAX_FIELDS = 100


class WirePayload(OAuth2Payload):
    """Parameters that have been read once, as Authlib wants to see them."""

    def __init__(self, params: Mapping[str, str]) -> None:
        """Take parameters of which each is there once."""
        self.params = params

    @property
    def data(self) -> Mapping[str, str]:
        """The parameters."""
        return self.params

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        """The same as lists of one."""
        return defaultdict(list, {name: [one] for name, one in self.params.items()})


class WireRequest(OAuth2Request):  # type: ignore[misc]
    """An OAuth request whose parameters come from us alone.

    Authlib would refuse a plain http URL; which transport we stand on is settled by
    the issuer, once and for all, so it is given one that it likes.
    """

    def __init__(
        self, method: str, params: Mapping[str, str], headers: Headers
    ) -> None:
        """Take the method, checked parameters and headers."""
        super().__init__(method, "https://wire.invalid/")
        # Set here: Authlib would count them all to see whether there are any.
        self.headers = headers
        self.payload = WirePayload(params)
        self.shown = NOTHING
        """The keys that the request has shown."""
        self.binding = UNBOUND
        """What its tokens are bound to, once its client is known."""

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters of the body."""
        return self.payload.data

    @property
    def args(self) -> Mapping[str, str]:
        """Nothing: the query is never read here."""
        return {}


def form() -> dict[str, str]:
    """Give the parameters of a form body, and refuse all else.

    Raises:
        AuthError: Not a form, something in the query, a repetition, or no text.
    """
    came = this_request()
    body = _body(came)
    if came.query_string:
        raise AuthError(
            "parameters in the query", public="Send parameters in the body only."
        )
    params, doubled = _once(body)
    if doubled:
        raise _repeated(doubled)
    return params


def authorization() -> tuple[dict[str, str], list[str]]:
    """Give the parameters of an authorization request and the names that came twice.

    What came twice is refused later, and by redirect, if there is where to.

    Raises:
        AuthError: A POST that is no form, or values that are no text.
    """
    came = this_request()
    return _once(_body(came) if came.method == "POST" else came.query_string)


def _body(came: Request) -> bytes:
    """Give the body of a form; it stays there for who reads it another way."""
    if came.content_type != FORM and not _is_form_otherwise(came):
        raise AuthError(f"content type is not {FORM}", public=f"Send {FORM}.")
    return came.get_data(cache=True)


def _is_form_otherwise(came: Request) -> bool:
    """Whether it says so in other letters, or with a character set that is ours."""
    charset = came.mimetype_params.get("charset", "utf-8").lower()
    return came.mimetype == FORM and charset == "utf-8"


def _once(encoded: bytes) -> tuple[dict[str, str], list[str]]:
    params: dict[str, str] = {}
    doubled = []
    for name, values in _parse(encoded).items():
        check_text([name, *values])
        given = [value for value in values if value]
        if len(given) > 1 and name not in REPEATABLE:
            doubled.append(name)
        if given:
            params[name] = " ".join(given) if name in REPEATABLE else given[0]
    return params, doubled


def _parse(encoded: bytes) -> dict[str, list[str]]:
    """Decode a query or form; Werkzeug would leave bytes that are no text as they are.

    A state so read would not come back as it was sent (RFC 6749 §4.1.2).
    """
    found = defaultdict(list)
    try:
        pairs = parse_qsl(
            encoded.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as why:
        fault = type(why).__name__
        raise AuthError(f"not a form: {fault}", public="Send UTF-8 text.") from None
    for name, value in pairs:
        found[name].append(value)
    return found


def check_text(words: Iterable[str]) -> None:
    """Refuse what is too long for a parameter, or is no text that can be stored.

    Raises:
        TooLarge: A word of more than ``MAX_VALUE`` characters.
        AuthError: NUL, or half a letter (a lone surrogate, which JSON can hold).
    """
    for word in words:
        if len(word) > MAX_VALUE:
            raise TooLarge("a parameter is too long")
        if "\x00" in word or not _is_whole(word):
            raise AuthError("no text in a parameter", public="Send UTF-8 text.")


def _is_whole(word: str) -> bool:
    return word.isascii() or not any("\ud800" <= ch <= "\udfff" for ch in word)


def _repeated(names: list[str]) -> AuthError:
    return AuthError(
        f"repeated: {names[:5]}", public="A parameter was sent more than once."
    )


def refuse_repeated(names: list[str]) -> None:
    """Refuse an authorization request in which a parameter came twice.

    Raises:
        AuthError: Some did (RFC 6749 §4.1.2.1).
    """
    if names:
        raise _repeated(names)
