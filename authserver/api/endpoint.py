"""@endpoint: who may call, what comes in, what goes out, how often.

A view is a function of its checked input and one call into the core.  What stands in
its decorator is what is enforced and what the OpenAPI document says, so the two cannot
differ.  ``mount`` ties a view to an address; aliases are more addresses of one view.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, make_response, request
from marshmallow import Schema

from authserver.api import actors, envelope, idempotency
from authserver.api.reading import Group
from authserver.errors import (
    AuthError,
    CsrfFailed,
    InvalidInput,
    InvalidToken,
    NotSignedIn,
    NotVerified,
    PermissionMissing,
    TooLarge,
    TooManyTries,
    UnsupportedMedia,
)
from authserver.http import limits

View = Callable[..., Any]
ANYONE = "anyone"
LIMITED = "limited"
"""Signed in, also before the address is verified."""
SIGNED_IN = "signed_in"

LIMITS: dict[str, Callable[[], Callable[[View], View]]] = {
    "signin": limits.signin_limit,
    "public": limits.public_limit,
    "lookup": limits.lookup_limit,
}
TOO_LONG = "The address is longer than 64 KiB; the server says no more than that."
BEARER = [{"bearer": []}, {"cookie": []}]


@dataclass(frozen=True)
class Contract:
    """What a view promises."""

    takes: type[Schema] | None
    query: type[Schema] | None
    gives: type[Schema] | None
    many: bool
    who: str
    limit: str | None
    status: int
    refuses: Sequence[type[AuthError]]
    once: bool
    also: Sequence[str]


@dataclass(frozen=True)
class Answer:
    """A result with more to say than its data: a status, headers, or cookies."""

    data: Any = None
    status: int | None = None
    message: str = ""
    prepare: Callable[[Response], None] | None = None


def endpoint(  # noqa: PLR0913 -- each is a part of the promise
    *,
    takes: type[Schema] | None = None,
    query: type[Schema] | None = None,
    gives: type[Schema] | None = None,
    many: bool = False,
    who: str = SIGNED_IN,
    limit: str | None = None,
    status: int = 200,
    refuses: Sequence[type[AuthError]] = (),
    once: bool = False,
    also: Sequence[str] = (),
) -> Callable[[View], View]:
    """Say what a view promises.

    Args:
        takes: Schema of the JSON body; unknown fields are refused.
        query: Schema of the query.
        gives: Schema of ``data`` in the envelope.
        many: Whether ``data`` is a list of it.
        who: ``ANYONE``, ``LIMITED``, ``SIGNED_IN``, or a permission ``users:read``.
        limit: Name of a limit by address: ``signin``, ``public``, or for a GET
            ``lookup``.
        status: What success answers.
        refuses: The refusals that are its own; shared ones are added.
        once: Whether ``Idempotency-Key`` keeps it from being done twice.
        also: Further media types that it can answer in.
    """
    contract = Contract(
        takes, query, gives, many, who, limit, status, refuses, once, also
    )

    def decorate(view: View) -> View:
        view.contract = contract  # type: ignore[attr-defined]
        return view

    return decorate


def mount(
    group: Group, method: str, path: str, view: View, *, empty: bool = False
) -> None:
    """Tie a view to an address.

    Args:
        group: Where to.
        method: GET, POST, PUT, PATCH or DELETE.
        path: With ``<uuid:user_id>`` and the like.
        view: A function that ``endpoint`` has decorated.
        empty: Answer 204 without a body, as the older service did (C3).
    """
    contract: Contract = view.contract  # type: ignore[attr-defined]
    inner = view
    if contract.takes:
        is_needed = any(one.required for one in contract.takes().fields.values())
        parse = group.arguments(contract.takes, as_kwargs=True, required=is_needed)
        inner = parse(inner)
    if contract.query:
        parse = group.arguments(contract.query, location="query", as_kwargs=True)
        inner = parse(inner)
    status = 204 if empty else contract.status
    inner = _document(
        group, inner, view, contract, method=method, path=path, status=status
    )
    name = f"{method} {path}".replace(".", "_")

    @functools.wraps(inner)
    def call(**where: Any) -> Response:
        _admit(contract.who)

        def answer() -> Response:
            return _answer(inner(**where), contract, empty=empty)

        if contract.once:
            return idempotency.once(answer, anyone=contract.who == ANYONE)
        return answer()

    # Limits are kept by name: two addresses of one view would count each try twice.
    call.__qualname__ = f"{group.name} {name}"
    handler = LIMITS[contract.limit]()(call) if contract.limit else call
    group.route(path, methods=[method], endpoint=name, tags=[group.tag])(handler)


def _admit(who: str) -> None:
    if who == ANYONE:
        return
    actor = actors.current()
    if who != LIMITED and not actor.subject.is_email_verified:
        raise NotVerified(f"{actor.id} is not verified")
    if who not in (LIMITED, SIGNED_IN):
        actors.require(who)


def _answer(result: Any, contract: Contract, *, empty: bool) -> Response:
    if isinstance(result, Response):
        return result
    said = result if isinstance(result, Answer) else Answer(result)
    wants_nothing = "return=minimal" in request.headers.get("Prefer", "")
    if empty or wants_nothing:
        response = make_response("", 204)
        if wants_nothing:
            response.headers["Preference-Applied"] = "return=minimal"  # RFC 7240 §3
    else:
        data = said.data
        if contract.gives is not None and data is not None:
            data = _written_by(contract.gives, many=contract.many).dump(data)
        response = jsonify(envelope.wrap(data, message=said.message))
        response.status_code = said.status or contract.status
    if said.prepare:
        said.prepare(response)
    return response


@functools.lru_cache(maxsize=256)
def _written_by(gives: type[Schema], *, many: bool) -> Schema:
    """Make a schema once: it copies every field, which is most of a short answer."""
    return gives(many=many)


def _document(
    group: Group,
    inner: View,
    view: View,
    contract: Contract,
    *,
    method: str,
    path: str,
    status: int,
) -> View:
    """Write the operation: the docstring says what it means, the contract the rest."""
    summary, _, rest = (view.__doc__ or "").strip().partition("\n")
    described = "\n".join(line.strip() for line in rest.strip().splitlines())
    done: dict[str, Any] = {"description": "Done."}
    if status != 204:
        given = envelope.schema_of(contract.gives, many=contract.many)
        text = {"schema": {"type": "string"}}
        kinds = {"application/json": {"schema": given}}
        done["content"] = kinds | dict.fromkeys(contract.also, text)
    told = {"parameters": [idempotency.PARAMETER]} if contract.once else {}
    return group.doc(
        **told,
        summary=summary.rstrip("."),
        description=f"{described}\n\n**Who may call:** {_who(contract.who)}.",
        operationId=f"{view.__name__}_{method.lower()}_{_slug(path)}",
        security=[] if contract.who == ANYONE else BEARER,
        responses={str(status): done, **_refusals(contract)},
    )(inner)


def _refusals(contract: Contract) -> dict[str, Any]:
    """Describe the refusals by status: the contract's own, and what it implies."""
    implied: list[type[AuthError]] = []
    if contract.who != ANYONE:
        implied += [NotSignedIn, InvalidToken, CsrfFailed]
    if contract.who not in (ANYONE, LIMITED):
        implied.append(NotVerified)
    if contract.who not in (ANYONE, LIMITED, SIGNED_IN):
        implied.append(PermissionMissing)
    if contract.takes:
        implied += [AuthError, UnsupportedMedia, TooLarge]
    if contract.takes or contract.query:
        implied.append(InvalidInput)
    if contract.limit:
        implied.append(TooManyTries)
    by_status: dict[int, list[type[AuthError]]] = {}
    for refusal in dict.fromkeys([*contract.refuses, *implied]):
        by_status.setdefault(refusal.status, []).append(refusal)
    schema = {"schema": {"$ref": "#/components/schemas/Refusal"}}
    too_long = {"414": {"description": TOO_LONG}} if contract.query else {}
    return too_long | {
        str(number): {
            "description": "; ".join(f"{r.number} {r.message}" for r in refusals),
            "content": {"application/json": schema},
        }
        for number, refusals in by_status.items()
    }


def _who(who: str) -> str:
    words = {
        ANYONE: "anyone",
        LIMITED: "anyone signed in, also before the address is verified",
        SIGNED_IN: "anyone signed in",
    }
    return words.get(who, f"whoever has the permission `{who}`")


def _slug(path: str) -> str:
    return "_".join(
        part.strip("<>").split(":")[-1] for part in path.split("/") if part
    ).replace("-", "_")
