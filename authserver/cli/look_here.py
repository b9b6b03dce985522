"""What `authserver doctor` sees on this node; looking changes nothing."""

import ipaddress
import os
import shutil
import stat
from urllib.parse import urlsplit

from authserver.adapters.mailer import is_loopback
from authserver.cli.finding import Finding, ill, well
from authserver.config import Settings
from authserver.crypto.sealed import BadKey
from authserver.services import KEY_FILE, key_encryption_keys

LEAST_FREE_MIB = 200
LEAST_BITS = {4: 8, 6: 16}
"""A network of fewer is nobody's own."""


def issuer(settings: Settings) -> list[Finding]:
    """Cookies are `__Host-` and Secure over https alone."""
    if settings.is_secure:
        return well("issuer", "APP_URL is https; cookies are __Host- and Secure.")
    if settings.is_production:
        return ill(
            "issuer",
            "APP_URL is http: cookies are not Secure, and other machines cannot use "
            "this server.",
            "Set APP_URL to the https URL that people see.",
        )
    return well("issuer", "APP_URL is http on loopback, which does outside production.")


def proxies(settings: Settings) -> list[Finding]:
    """Whoever stands between people and us must be named, and nobody else."""
    for one in settings.trusted_proxies:
        network = ipaddress.ip_network(one, strict=False)
        if network.prefixlen < LEAST_BITS[network.version]:
            return ill(
                "proxies",
                "TRUSTED_PROXIES names half the world: anyone may forge an address.",
                "Name the addresses of your own proxies only.",
            )
    host = urlsplit(settings.issuer).hostname or ""
    is_behind = is_loopback(settings.host) and not is_loopback(host)
    if is_behind and not settings.trusted_proxies:
        return ill(
            "proxies",
            "Only a proxy on this machine can reach this server, and none is trusted: "
            "all people would be counted as one address.",
            "Set TRUSTED_PROXIES to its address, such as 127.0.0.1.",
        )
    if settings.trusted_proxies:
        count = len(settings.trusted_proxies)
        return well("proxies", f"X-Forwarded-* is believed from {count} network(s).")
    return well("proxies", "X-Forwarded-* is believed from nobody.")


def disk(settings: Settings) -> list[Finding]:
    """The folder must be ours to write to, and have room."""
    home = settings.home.absolute()
    place = next(each for each in (home, *home.parents) if each.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        said = "AUTHSERVER_HOME cannot be written to."
        return ill("disk", said, f"Give {place} to the user that runs the server.")
    free = shutil.disk_usage(place).free // 2**20
    if free < LEAST_FREE_MIB:
        return ill(
            "disk",
            f"AUTHSERVER_HOME has {free} MiB left.",
            f"Make room: {LEAST_FREE_MIB} MiB at least.",
        )
    return well("disk", f"AUTHSERVER_HOME has {free} MiB left.")


def sealing_key(settings: Settings) -> list[Finding]:
    """The key-encryption key must be there, and its file its owner's alone."""
    what, path = "key-encryption key", settings.keys_dir / KEY_FILE
    if settings.key_encryption_key:
        key_encryption_keys(settings, may_create=False)
        return well(what, "KEY_ENCRYPTION_KEY is set.")
    if not path.exists():
        return ill(
            what,
            f"KEY_ENCRYPTION_KEY is not set, and {path} does not exist.",
            "Set it to that of the other nodes; on the first node "
            "`authserver db upgrade` makes one.",
        )
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return ill(what, f"{path} is open to others.", f"Run `chmod 600 {path}`.")
    try:
        key_encryption_keys(settings, may_create=False)
    except (BadKey, OSError):
        return ill(
            what,
            f"{path} holds no key that can be read.",
            "Put the key back from where you keep its copy.",
        )
    return well(what, f"It lies in {path}; a copy of it belongs elsewhere.")


def has_sealing_key(settings: Settings) -> bool:
    """Whether there is one to look at; outside production a missing one would be made."""
    path = settings.keys_dir / KEY_FILE
    return bool(settings.key_encryption_key) or path.exists()
