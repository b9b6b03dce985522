"""What the doctor sees on this node; looking changes nothing."""

import ipaddress
import os
import shutil
import stat
from urllib.parse import urlsplit

from authserver.adapters.mailer import is_loopback
from authserver.core.finding import Finding, Ward, ill, well
from authserver.crypto.sealed import BadKey

LEAST_FREE_MIB = 200
LEFT = "AUTHSERVER_HOME has %(free)s MiB left."
LEAST_BITS = {4: 8, 6: 16}
"""A network of fewer is nobody's own."""


def issuer(ward: Ward) -> list[Finding]:
    """People reach us by https."""
    if ward.settings.is_secure:
        return well("issuer", "APP_URL is https.")
    if ward.settings.is_production:
        return ill(
            "issuer",
            "APP_URL is http: other machines cannot use this server.",
            "Set APP_URL to the https URL that people see.",
        )
    return well("issuer", "APP_URL is http on loopback, which does outside production.")


def cookies(ward: Ward) -> list[Finding]:
    """Cookies are `__Host-` and Secure over https alone (RFC 6265bis §4.1.3.2)."""
    if ward.settings.is_secure:
        return well(
            "cookies",
            "They are __Host- and Secure; those that let somebody in are HttpOnly.",
        )
    if ward.settings.is_production:
        return ill(
            "cookies",
            "They are not Secure, since APP_URL is http: whoever listens can take them.",
            "Set APP_URL to the https URL that people see.",
        )
    return well("cookies", "They are not Secure, which does on loopback.")


def proxies(ward: Ward) -> list[Finding]:
    """Whoever stands between people and us must be named, and nobody else."""
    settings = ward.settings
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
        return well(
            "proxies",
            "X-Forwarded-* is believed from %(num)s networks.",
            num=len(settings.trusted_proxies),
        )
    return well("proxies", "X-Forwarded-* is believed from nobody.")


def disk(ward: Ward) -> list[Finding]:
    """The folder must be ours to write to, and have room."""
    home = ward.settings.home.absolute()
    place = next(each for each in (home, *home.parents) if each.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        said = "AUTHSERVER_HOME cannot be written to."
        cure = "Give %(path)s to the user that runs the server."
        return ill("disk", said, cure, path=place)
    free = shutil.disk_usage(place).free // 2**20
    if free < LEAST_FREE_MIB:
        return ill(
            "disk",
            LEFT,
            "Make room: %(least)s MiB at least.",
            free=free,
            least=LEAST_FREE_MIB,
        )
    return well("disk", LEFT, free=free)


def sealing_key(ward: Ward) -> list[Finding]:
    """The key-encryption key must be there, and its file its owner's alone."""
    what, path = "key-encryption key", ward.key_file
    if ward.settings.key_encryption_key:
        ward.sealing_keys()
        return well(what, "KEY_ENCRYPTION_KEY is set.")
    if not path.exists():
        return ill(
            what,
            "KEY_ENCRYPTION_KEY is not set, and %(path)s does not exist.",
            "Set it to that of the other nodes; on the first node "
            "`authserver db upgrade` makes one.",
            path=path,
        )
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        said = "The file %(path)s is open to others."
        return ill(what, said, "Run `chmod 600 %(path)s`.", path=path)
    try:
        ward.sealing_keys()
    except (BadKey, OSError):
        return ill(
            what,
            "The file %(path)s holds no key that can be read.",
            "Put the key back from where you keep its copy.",
            path=path,
        )
    return well(what, "It lies in %(path)s; a copy of it belongs elsewhere.", path=path)


def has_sealing_key(ward: Ward) -> bool:
    """Whether there is one to look at; outside production a missing one would be made."""
    return bool(ward.settings.key_encryption_key) or ward.key_file.exists()
