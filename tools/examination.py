"""Prepare a deployment for the OpenID Foundation's conformance suite.

    python tools/examination.py settings DIR    certificates, and settings.env beside them
    python tools/examination.py enrol DIR       the person, the clients, a file for each plan

`docs/conformance-run.md` tells the whole way.  Private keys of clients are written into
the files, since the suite plays the clients: such a deployment is for nothing else.
"""

import argparse
import ipaddress
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from joserfc.jwk import RSAKey

ALIAS = "authserver"
SUITE = "https://localhost.emobix.co.uk:8443"
DAYS = timedelta(days=365)
USERNAME, PASSWORD = "examinee", "A-lantern-above-4-quiet-harbours"
EVERY_CLAIM = {
    "given_name": "Ada",
    "family_name": "Lovelace",
    "middle_name": "Byron",
    "nickname": "Countess",
    "profile": "https://people.example/ada",
    "picture": "https://people.example/ada.png",
    "website": "https://ada.example/",
    "gender": "female",
    "birthdate": "1815-12-10",
    "zoneinfo": "Europe/London",
    "locale": "en-GB",
    "phone_number": "+442079460958",
    "phone_number_verified": True,
    "address": {
        "formatted": "12 St James's Square\nLondon SW1Y 4JH\nUnited Kingdom",
        "street_address": "12 St James's Square",
        "locality": "London",
        "region": "London",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
    },
}
ERROR, SIGN_IN = "error-code", "login-submit"
"""What the suite takes a picture of: the id of something on that page."""
PHOTOGRAPHED = {
    "oidcc-ensure-registered-redirect-uri": ("authorize", ERROR),
    "oidcc-ensure-redirect-uri-in-authorization-request": ("authorize", ERROR),
    "oidcc-redirect-uri-query-added": ("authorize", ERROR),
    "oidcc-redirect-uri-query-mismatch": ("authorize", ERROR),
    "oidcc-registration-logo-uri": ("signin", SIGN_IN),
    "oidcc-registration-policy-uri": ("signin", SIGN_IN),
    "oidcc-registration-tos-uri": ("signin", SIGN_IN),
}
SIGNED_IN_TWICE = ("oidcc-prompt-login", "oidcc-max-age-1")
FAPI = (
    ("private_key_jwt", "dpop"),
    ("private_key_jwt", "mtls"),
    ("mtls", "dpop"),
    (
        "mtls",
        "mtls",
    ),
)


# -- certificates and settings


def settings(folder: Path, *, host: str, port: int, suite_ca: Path | None) -> None:
    """Write certificates for the server and the suite, and the settings that name them."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = certificate("Examination", folder / "authority")
    names: list[x509.GeneralName] = [x509.DNSName(host), x509.DNSName("localhost")]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    certificate(host, folder / "server", by=authority, names=names)
    for number in (1, 2):
        certificate(f"client{number}", folder / f"client{number}", by=authority)
    trusted = (suite_ca or folder / "authority.pem").absolute()
    lines = {
        "APP_ENV": "production",
        "APP_URL": f"https://{host}:{port}",
        "HOST": "0.0.0.0",  # noqa: S104 -- the suite runs in a container
        "PORT": port,
        "AUTHSERVER_HOME": (folder / "home").absolute(),
        "TLS_CERT": (folder / "server.pem").absolute(),
        "TLS_KEY": (folder / "server.key").absolute(),
        "MTLS_PORT": port + 1,
        "MTLS_CA_FILE": (folder / "authority.pem").absolute(),
        "RATE_LIMITS": "off",
        "REGISTRATION": "open",
        "REGISTERED_CLIENTS": "trusted",
        "LEGACY_RESPONSE_TYPES": "on",
        "OUTBOUND_ALLOW": "127.0.0.0/8,::1/128,localhost,localhost.emobix.co.uk",
        "FETCH_CA_FILE": trusted,
        "KEY_OVERLAP": 0,
    }
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    (folder / "settings.env").write_text(text)


Signed = tuple[x509.Certificate, rsa.RSAPrivateKey]


def certificate(
    common: str,
    place: Path,
    *,
    by: Signed | None = None,
    names: Iterable[x509.GeneralName] = (),
) -> Signed:
    """Make a key and a certificate beside each other; without ``by`` an authority."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    now = datetime.now(UTC)
    issuer, signer = (by[0].subject, by[1]) if by else (subject, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + DAYS)
        .add_extension(x509.BasicConstraints(by is None, None), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
    )
    if names := list(names):
        builder = builder.add_extension(
            x509.SubjectAlternativeName(names), critical=False
        )
    if by is not None:
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
    made = builder.sign(signer, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    place.with_suffix(".pem").write_bytes(made.public_bytes(encoding))
    secret = key.private_bytes(
        encoding,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    place.with_suffix(".key").write_bytes(secret)
    return made, key


# -- the person and the clients


class Enrolment:
    """Runs the operator's commands in the deployment's settings."""

    def __init__(self, folder: Path, suite: str) -> None:
        self.folder, self.suite = folder, suite
        lines = (folder / "settings.env").read_text().splitlines()
        self.env = dict(line.split("=", 1) for line in lines)
        self.issuer = self.env["APP_URL"]

    def run(self, *args: str) -> Any:
        """Run `authserver ARGS --json`."""
        program = Path(sys.executable).with_name("authserver")
        done = subprocess.run(  # noqa: S603 -- our own command
            [program, *args, "--json"],
            env=os.environ | self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"authserver {args[0]} {args[1]}: {done.stderr}")
        return json.loads(done.stdout)

    def file(self, name: str, content: Any) -> str:
        """Write JSON for a command to read."""
        place = self.folder / name
        place.write_text(json.dumps(content, indent=2))
        return str(place)

    def person(self) -> None:
        """Add somebody who owns every standard claim."""
        self.run(
            *("user", "create", "--email", "ada@people.example", "--verified"),
            *("--username", USERNAME, "--password", PASSWORD),
            *("--full-name", "Ada Lovelace"),
            *("--claims-file", self.file("claims.json", EVERY_CLAIM)),
        )

    def client(self, name: str, *more: str, query: str = "") -> dict[str, str]:
        """Register a client that the suite plays."""
        place = f"{self.suite}/test/a/{ALIAS}"
        told = self.run(
            *("client", "create", "--name", name),
            *("--redirect-uri", f"{place}/callback{query}"),
            *("--post-logout-redirect-uri", f"{place}/post_logout_redirect"),
            *more,
        )
        kept = ("client_id", "client_secret")
        return {one: told[one] for one in kept if told.get(one)}

    def fapi(self, number: int, means: str, constrains: str) -> dict[str, Any]:
        """Register one of the two clients of a FAPI plan; give it with its keys."""
        name = f"{means} {constrains} {number}"
        args = ["--profile", "fapi2"]
        told: dict[str, Any] = {"scope": "openid email offline_access"}
        metadata: dict[str, Any] = {}
        if means == "private_key_jwt":
            key = RSAKey.generate_key(2048, {"kid": name.replace(" ", "-")})
            facts = {"use": "sig", "alg": "PS256"}
            public = {"keys": [key.as_dict(private=False, **facts)]}
            args += ["--jwks-file", self.file(f"jwks-{name}.json", public)]
            args += ["--auth-method", "private_key_jwt"]
            told["jwks"] = {"keys": [key.as_dict(private=True, **facts)]}
        else:
            metadata["tls_client_auth_subject_dn"] = f"CN=client{number}"
            args += ["--auth-method", "tls_client_auth"]
        if constrains == "dpop":
            metadata["dpop_bound_access_tokens"] = True
        else:
            metadata["tls_client_certificate_bound_access_tokens"] = True
        args += ["--metadata-file", self.file(f"metadata-{name}.json", metadata)]
        # The second client's address has a query of its own (F2).
        query = "?dummy1=lorem&dummy2=ipsum" if number == 2 else ""
        return told | self.client(name, *args, query=query)


# -- the files of the plans


def browser(issuer: str, *, consents: bool = True, photo: str = "") -> list[Any]:
    """Say what the suite's browser does on our pages, which it knows by their ids."""
    answer = "consent-allow" if consents else "consent-deny"
    see: list[list[Any]] = []
    if photo:
        see = [["wait", "id", photo, 10, ".*", "update-image-placeholder-optional"]]
    sign_in = [
        *see,
        ["text", "id", "username", USERNAME],
        ["text", "id", "password", PASSWORD],
        ["click", "id", "login-submit"],
    ]
    done = {
        "task": "Back at the client",
        "match": f"*/test/a/{ALIAS}/callback*",
        "commands": [["wait", "id", "submission_complete", 10]],
    }
    pages = [
        _task("Sign in", f"{issuer}/signin*", sign_in),
        _task("Consent", f"{issuer}/consent*", [["click", "id", answer]]),
        done,
    ]
    leave = [
        _task("Sign out", f"{issuer}/logout*", [["click", "id", "logout-confirm"]]),
        _task("Signed out", f"*/test/a/{ALIAS}/post*", []),
    ]
    return [
        {"match": f"{issuer}/authorize*", "tasks": pages},
        {"match": f"{issuer}/logout*", "tasks": leave},
    ]


def _task(name: str, match: str, commands: list[list[Any]]) -> dict[str, Any]:
    return {"task": name, "optional": True, "match": match, "commands": commands}


def overrides(issuer: str) -> dict[str, Any]:
    """Give the modules in which something else happens."""
    found: dict[str, Any] = {}
    for module, (page, shown) in PHOTOGRAPHED.items():
        see = ["wait", "id", shown, 10, ".*", "update-image-placeholder"]
        tasks = [{"task": "See", "match": f"{issuer}/{page}*", "commands": [see]}]
        found[module] = {"browser": [{"match": f"{issuer}/authorize*", "tasks": tasks}]}
    for module in SIGNED_IN_TWICE:
        found[module] = {"browser": browser(issuer, photo=SIGN_IN)}
    prefix = "fapi2-security-profile-final-"
    found[f"{prefix}user-rejects-authentication"] = {
        "browser": browser(issuer, consents=False)
    }
    again = "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds"
    first = {"match": f"{issuer}/authorize*", "match-limit": 1, "tasks": []}
    found[f"{prefix}{again}"] = {"browser": [first, *browser(issuer)]}
    return found


def enrol(folder: Path, suite: str) -> None:
    """Register everybody, and write a file for each plan."""
    work = Enrolment(folder, suite)
    work.person()
    plans = folder / "plans"
    plans.mkdir(exist_ok=True)
    shared = {
        "alias": ALIAS,
        "description": "authserver",
        "server": {
            "discoveryUrl": f"{work.issuer}/.well-known/openid-configuration",
            "login_hint": USERNAME,
        },
        "browser": browser(work.issuer),
        "override": overrides(work.issuer),
    }
    static = {
        "client": work.client("Basic"),
        "client_secret_post": work.client(
            "Post", "--auth-method", "client_secret_post"
        ),
        "client2": work.client("Second"),
    }
    dynamic = {"client": {"client_name": "One"}, "client2": {"client_name": "Two"}}
    files: dict[str, dict[str, Any]] = {
        "oidcc-static": static,
        "oidcc-dynamic": dynamic,
    }
    pairs = {
        f"mtls{'' if number == 1 else number}": {
            "cert": (folder / f"client{number}.pem").read_text(),
            "key": (folder / f"client{number}.key").read_text(),
            "ca": (folder / "authority.pem").read_text(),
        }
        for number in (1, 2)
    }
    for means, constrains in FAPI:
        clients = [work.fapi(number, means, constrains) for number in (1, 2)]
        files[f"fapi2-{means}-{constrains}"] = {
            "client": clients[0],
            "client2": clients[1],
            "resource": {"resourceUrl": f"{work.issuer}/userinfo"},
        } | (pairs if "mtls" in (means, constrains) else {})
    for name, own in files.items():
        (plans / f"{name}.json").write_text(json.dumps(shared | own, indent=2) + "\n")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("settings", "enrol"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--host", default="localhost", help="how the suite calls us")
    parser.add_argument("--port", type=int, default=3443)
    parser.add_argument("--suite", default=SUITE)
    parser.add_argument("--suite-ca", type=Path, help="PEM of the suite's own https")
    chosen = parser.parse_args()
    if chosen.step == "settings":
        settings(
            chosen.folder,
            host=chosen.host,
            port=chosen.port,
            suite_ca=chosen.suite_ca,
        )
    else:
        enrol(chosen.folder, chosen.suite)


if __name__ == "__main__":
    main()
