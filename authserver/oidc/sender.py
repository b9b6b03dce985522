"""What the sender of a request has shown beside its words: a DPoP proof, a certificate.

RFC 9449 §5 (tokens), §7 (resources), §10.1 (pushed requests), RFC 8705 §3.  The rules
are in ``core/proofs`` and ``core/binding``.
"""

from authserver.core import binding
from authserver.core.apps import App
from authserver.core.binding import Binding
from authserver.core.proofs import Proof, Shown
from authserver.errors import InvalidProof
from authserver.http import certificates
from authserver.http.context import services, this_request

HEADER = "DPoP"


def shown() -> Shown:
    """Read what a request without access token has shown; nothing is spent yet.

    Raises:
        InvalidProof: There is a proof, and it is not good.
    """
    text = this_request().headers.get(HEADER)
    return Shown(_check(text) if text is not None else None, _x5t())


def shown_with(access_token: str, *, is_dpop: bool) -> Shown:
    """Read what came with an access token.

    A proof beside a bearer token proves nothing: the token would be good without.

    Raises:
        InvalidProof: There must be a proof, and there is none or it is not good.
    """
    if not is_dpop:
        return Shown(x5t=_x5t())
    text = this_request().headers.get(HEADER)
    if text is None:
        raise InvalidProof("no proof beside the token", public="Send a DPoP proof.")
    return Shown(_check(text, access_token), _x5t())


def bind(app: App, seen: Shown) -> Binding:
    """Say what the tokens of a request are bound to, and spend its proof.

    To be asked once the client is known: a stranger's proofs leave no rows.

    Raises:
        AuthError: The client must show a key, and has not.
        InvalidProof: The proof was used before.
    """
    bound = binding.for_tokens(app, seen.binding)
    if seen.proof is not None:
        services().proofs.spend(seen.proof)
    return bound


def bind_request(params: dict[str, str], seen: Shown) -> dict[str, str]:
    """Bind a pushed request, and so its code, to the key of its proof (§10.1).

    Raises:
        InvalidProof: The request names another key, or the proof was used before.
    """
    if seen.proof is None:
        return params
    if params.get("dpop_jkt") not in (None, seen.proof.jkt):
        raise InvalidProof("dpop_jkt is not the key of the proof")
    services().proofs.spend(seen.proof)
    return params | {"dpop_jkt": seen.proof.jkt}


def _x5t() -> str | None:
    certificate = certificates.current()
    return certificate.x5t if certificate is not None else None


def _check(text: str, access_token: str | None = None) -> Proof:
    # Where we are is settled by our settings and not by what a Host header says.
    core, came = services(), this_request()
    homes = filter(None, (core.settings.issuer, core.settings.mtls_url))
    return core.proofs.check(
        text,
        method=came.method,
        urls=tuple(f"{home}{came.path}" for home in homes),
        access_token=access_token,
    )
