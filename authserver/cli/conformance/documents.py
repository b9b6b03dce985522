"""The documents: metadata and keys (OIDC Discovery, RFC 8414, RFC 7517)."""

from urllib.parse import urlsplit

from authserver.cli.conformance.lines import (
    FAPI2,
    MCP,
    OAUTH21,
    OIDC,
    NotOffered,
    Sheet,
    demand,
)
from authserver.cli.conformance.probe import Probe

LINES = Sheet()
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}
LEAST_RSA_BYTES = 256
BASE64_BITS = 6
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
STRONG = {"PS256", "ES256", "EdDSA", "Ed25519"}


@LINES.line(
    "M1", "OIDC Discovery §4.3", "The issuer names itself", OIDC, OAUTH21, FAPI2
)
def issuer(probe: Probe) -> None:
    """The document is to be believed only if it says whose it is."""
    demand(probe.metadata["issuer"] == probe.issuer, "issuer is another one")


@LINES.line("M2", "RFC 8414 §3", "Both well-known documents say the same", OAUTH21, MCP)
def both(probe: Probe) -> None:
    """RFC 8414 §3 puts the well-known part before the issuer's path."""
    parts = urlsplit(probe.issuer)
    host = f"{parts.scheme}://{parts.netloc}"
    found = probe.fetcher.get_json(
        f"{host}/.well-known/oauth-authorization-server{parts.path}"
    )
    demand(found == probe.metadata, "they differ")


@LINES.line(
    "M3", "OIDC Discovery §3; FAPI 2.0 §5.2", "Endpoints are https", OIDC, FAPI2
)
def https(probe: Probe) -> None:
    """Only on a loopback address may they be http, for trying."""
    for name, url in probe.metadata.items():
        if name.endswith(("_endpoint", "_uri")):
            parts = urlsplit(url)
            is_local = parts.hostname in LOOPBACK
            demand(parts.scheme == "https" or is_local, f"{name} is {parts.scheme}")


@LINES.line("M4", "RFC 9207 §3", "Answers name the issuer", OAUTH21, FAPI2)
def iss(probe: Probe) -> None:
    """What is advertised here is seen in A3."""
    name = "authorization_response_iss_parameter_supported"
    demand(probe.metadata.get(name) is True, f"{name} is not true")


@LINES.line(
    "M5", "RFC 9700 §2.1.1; RFC 8414 §2", "PKCE by S256 alone", OAUTH21, FAPI2, MCP
)
def pkce(probe: Probe) -> None:
    """A client that reads no methods here must not go on (MCP)."""
    methods = probe.metadata.get("code_challenge_methods_supported")
    demand(methods == ["S256"], f"methods are {methods}")


@LINES.line("M6", "RFC 8725 §3.2", "Nothing is unsigned", OIDC, OAUTH21, FAPI2)
def unsigned(probe: Probe) -> None:
    """The algorithm none is offered nowhere."""
    for name, values in probe.metadata.items():
        if name.endswith("alg_values_supported"):
            demand("none" not in values, f"{name} lists none")


@LINES.line("M7", "OAuth 2.1 §10.1, §10.2", "No older flows", OAUTH21, is_must=False)
def older(probe: Probe) -> None:
    """Implicit and hybrid answers are behind a switch, the password grant nowhere."""
    types = set(probe.metadata["response_types_supported"]) - {"code"}
    demand(not types, f"LEGACY_RESPONSE_TYPES offers {', '.join(sorted(types))}")
    grants = set(probe.metadata["grant_types_supported"])
    demand("password" not in grants, "the password grant is offered")


@LINES.line("M8", "OIDC Discovery §3", "RS256 signs ID tokens", OIDC)
def rs256(probe: Probe) -> None:
    """Every relying party knows it."""
    algs = probe.metadata["id_token_signing_alg_values_supported"]
    demand("RS256" in algs, f"algorithms are {algs}")


@LINES.line("M9", "FAPI 2.0 §5.3.2.1", "What FAPI clients need is offered", FAPI2)
def for_fapi(probe: Probe) -> None:
    """PAR, authentication by key, and a way to bind tokens."""
    said = probe.metadata
    demand("pushed_authorization_request_endpoint" in said, "no PAR")
    methods = set(said["token_endpoint_auth_methods_supported"])
    by_key = {"private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"}
    demand(methods & by_key, "no authentication by key")
    proofs = set(said.get("dpop_signing_alg_values_supported", ()))
    by_tls = said.get("tls_client_certificate_bound_access_tokens") is True
    demand(proofs & STRONG or by_tls, "neither DPoP nor mutual TLS")


@LINES.line(
    "M10", "RFC 7517 §4; RFC 8725 §3.5", "Published keys are sound", OIDC, FAPI2
)
def keys(probe: Probe) -> None:
    """Distinct ids, nothing private, none too short."""
    found = probe.fetcher.get_json(probe.metadata["jwks_uri"])["keys"]
    ids = [key["kid"] for key in found]
    demand(ids and len(set(ids)) == len(ids), "kids are missing or doubled")
    for key in found:
        demand(not PRIVATE & set(key), f"key {key['kid']} shows a private part")
        demand(
            key.get("use") in ("sig", "enc") and "alg" in key,
            f"key {key['kid']} is for all",
        )
        if key["kty"] == "RSA":
            size = len(key["n"]) * BASE64_BITS // 8
            demand(size >= LEAST_RSA_BYTES, f"key {key['kid']} is too short")


@LINES.line("M11", "RFC 9111 §4.3.1", "Documents can be kept", OIDC, is_must=False)
def cached(probe: Probe) -> None:
    """Clients ask often; a tag lets them ask for nothing."""
    first = probe.get(probe.metadata["jwks_uri"])
    demand("max-age" in first.headers.get("cache-control", ""), "no max-age")
    again = probe.get(probe.metadata["jwks_uri"], If_None_Match=first.headers["etag"])
    demand(again.status == 304, f"a known tag is answered {again.status}")


@LINES.line(
    "M12", "MCP Authorization", "A client nobody knows may come", MCP, is_must=False
)
def strangers(probe: Probe) -> None:
    """By a document at its own address, or by registering itself."""
    said = probe.metadata
    by_document = said.get("client_id_metadata_document_supported") is True
    if not by_document and "registration_endpoint" not in said:
        raise NotOffered("CLIENT_ID_DOCUMENTS and REGISTRATION are off")
