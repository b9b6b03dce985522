"""Prepare a deployment for the OpenID Foundation's conformance suite.

    python -m tools.examination settings DIR    certificates, and settings.env beside them
    python -m tools.examination enrol DIR       the person, the clients, a file for each plan

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

from tools import examination_clients

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

    def client(self, name: str, *more: str) -> dict[str, str]:
        """Register a client that the suite plays."""
        place = f"{self.suite}/test/a/{ALIAS}"
        told = self.run(
            *("client", "create", "--name", name),
            *("--redirect-uri", f"{place}/callback"),
            *("--post-logout-redirect-uri", f"{place}/post_logout_redirect"),
            *more,
        )
        kept = ("client_id", "client_secret")
        return {one: told[one] for one in kept if told.get(one)}


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
    for profile in ("security-profile", "message-signing"):
        prefix = f"fapi2-{profile}-final-"
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
    others = examination_clients.Clients(f"{suite}/test/a/{ALIAS}")
    files |= examination_clients.files(others, work.issuer, pairs)
    listed = examination_clients.configuration(
        others, work.issuer, folder / "clients.yaml"
    )
    work.run("config", "apply", str(listed), "--yes")
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
