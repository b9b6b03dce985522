"""Debian's Apache with mod_auth_openidc, private to one test.

Its own folder, port and processes; nothing of the machine's Apache is touched.  It
serves one page behind the module, which prints what the module passes on.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Self

from tests.interop.peer import Peer

PROGRAMS = ("apache2", "httpd")
PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
MODULES = (Path("/usr/lib/apache2/modules"), Path("/usr/lib64/httpd/modules"))
NEEDED = (
    *("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "include"),
    "auth_openidc",
)

PAGE = """<!doctype html>
<html lang="en"><title>Behind Apache</title>
<h1 id="name"><!--#echo var="OIDC_CLAIM_name" --></h1>
<p id="sub"><!--#echo var="OIDC_CLAIM_sub" --></p>
<p id="email"><!--#echo var="OIDC_CLAIM_email" --></p>
<p id="user"><!--#echo var="REMOTE_USER" --></p>
</html>
"""
SIGNED_OUT = '<!doctype html><html lang="en"><title>Out</title><h1 id="out">Out</h1>'

CONFIG = """
ServerRoot {home}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {home}/pid
ErrorLog {home}/error.log
LogLevel warn auth_openidc:info
{modules}
TypesConfig /dev/null
AddType text/html .html .shtml
DocumentRoot {home}/site
DirectoryIndex index.shtml
StartServers 1
GracefulShutdownTimeout 5
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret "{client_secret}"
OIDCProviderTokenEndpointAuth {auth}
OIDCRedirectURI {callback}
OIDCCryptoPassphrase {passphrase}
OIDCScope "{scope}"
OIDCPKCEMethod S256
OIDCCacheType file
OIDCCacheDir {home}/cache
OIDCInfoHook access_token id_token userinfo refresh_token
<Directory {home}/site>
  Require all granted
</Directory>
<Location /protected>
  AuthType openid-connect
  Require valid-user
  Options +Includes
  AddOutputFilter INCLUDES .shtml
</Location>
"""


def find() -> tuple[str, Path]:
    """The program and the folder of its modules; say what is missing."""
    program = next(filter(None, (shutil.which(p, path=PATH) for p in PROGRAMS)), None)
    for folder in MODULES:
        if program and (folder / "mod_auth_openidc.so").exists():
            return program, folder
    raise AssertionError(
        "Apache with mod_auth_openidc is not here: "
        "apt-get install apache2 libapache2-mod-auth-openidc, "
        "or set AUTHSERVER_TESTS_WITHOUT_APACHE=1 to do without this peer."
    )


class Apache(Peer):
    """One Apache that sends people to `issuer` to sign in."""

    name, log_name = "Apache", "error.log"

    def __init__(self) -> None:
        self.program, self.modules = find()
        super().__init__()
        # Another host name than the server's: to the browser these are two sites.
        self.url = f"http://localhost:{self.port}"
        self.protected = f"{self.url}/protected/"
        self.callback = f"{self.url}/protected/callback"
        self.signed_out = f"{self.url}/signed-out.html"
        # The redirect URI does all of the module's work.
        self.back_channel = f"{self.callback}?logout=backchannel"

    def start(self, *, issuer: str, client_id: str, **settings: str) -> Self:
        """Write its folder, and return once it listens."""
        (self.home / "cache").mkdir()
        (self.home / "site" / "protected").mkdir(parents=True)
        (self.home / "site" / "protected" / "index.shtml").write_text(PAGE)
        (self.home / "site" / "signed-out.html").write_text(SIGNED_OUT)
        facts = {
            "home": str(self.home),
            "port": str(self.port),
            "callback": self.callback,
            "passphrase": os.urandom(24).hex(),
            "modules": "\n".join(
                f"LoadModule {name}_module {self.modules}/mod_{name}.so"
                for name in NEEDED
            ),
        }
        filled = CONFIG.format(**facts, issuer=issuer, client_id=client_id, **settings)
        (self.home / "httpd.conf").write_text(filled)
        return self.listen(
            self.program, "-D", "FOREGROUND", "-f", self.home / "httpd.conf"
        )

    @property
    def complaints(self) -> list[str]:
        """What the module itself found wrong."""
        return [line for line in self.log.splitlines() if "auth_openidc:error" in line]
