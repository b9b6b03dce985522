"""Settings of what requests come by: TLS, client certificates, keys of senders."""

from dataclasses import dataclass
from pathlib import Path

from authserver.config.setting import setting


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What whoever decides over TLS and mutual TLS decides."""

    # -- TLS and keys of senders
    tls_cert: Path = setting(
        "PEM file of the certificate, and of those above it, with which `serve` speaks "
        "TLS itself (1.2 and 1.3). Empty: a proxy in front ends TLS.",
        env="TLS_CERT",
        default=Path(),
        kind="path",
    )
    tls_key: Path = setting(
        "PEM file of its private key.", env="TLS_KEY", default=Path(), kind="path"
    )
    mtls_port: int = setting(
        "Second port of `serve`, which asks for client certificates (RFC 8705; extra "
        "`mtls`); needs TLS_CERT. 0: none.",
        env="MTLS_PORT",
        default=0,
        kind="int",
        least=0,
    )
    mtls_url: str = setting(
        "https URL under which endpoints are reached with a client certificate, told as "
        "`mtls_endpoint_aliases`. Default: the host of APP_URL with MTLS_PORT.",
        env="MTLS_URL",
        default="",
    )
    mtls_ca_file: str = setting(
        "PEM bundle of the authorities whose client certificates prove a client "
        "(`tls_client_auth`). Empty: that way to authenticate is not offered.",
        env="MTLS_CA_FILE",
        default="",
    )
    client_cert_header: str = setting(
        "Header in which TRUSTED_PROXIES hand on the client's certificate: `Client-Cert` "
        "of RFC 9440, or any other with the PEM URL-encoded, as nginx writes it. The "
        "proxy must set it on every request, or drop what came. Empty: none is read.",
        env="CLIENT_CERT_HEADER",
        default="",
    )
    dpop_nonce: bool = setting(
        "Whether DPoP proofs must carry a nonce of ours (RFC 9449 §8). A client's clock "
        "no longer matters then, and its first request takes two.",
        env="DPOP_NONCE",
        default=False,
        kind="switch",
    )
