"""Debian's Dovecot, private to one test: its own folder, port and processes.

It is set up with the files of ``examples/mail_server``, where only the addresses of the
example are replaced.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
from pathlib import Path
from typing import Self

from tests.interop.peer import Peer

PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
EXAMPLE = Path(__file__).parents[2] / "examples" / "mail_server"

CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
protocols = imap
ssl = no
disable_plaintext_auth = no
auth_verbose = yes
auth_failure_delay = 0
first_valid_uid = {uid}
mail_location = maildir:{home}/mail/%u
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/people/%u
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def find() -> str:
    """The program; say what is missing."""
    program = shutil.which("dovecot", path=PATH)
    has_imap = Path("/usr/lib/dovecot/imap").exists()
    if program and has_imap:
        return program
    raise AssertionError(
        "Dovecot is not here: apt-get install dovecot-imapd, "
        "or set AUTHSERVER_TESTS_WITHOUT_DOVECOT=1 to do without this peer."
    )


class Dovecot(Peer):
    """One Dovecot that lets people in by tokens."""

    name = "Dovecot"

    def __init__(self) -> None:
        self.program = find()
        super().__init__()
        self.keys = self.home / "keys"

    def start(self, kind: str, **replaced: str) -> Self:
        """Write its folder from the example, and return once it listens.

        ``kind`` is one of the two files that say how tokens are checked; in it each name
        of ``replaced`` gives way to its value.
        """
        known = pwd.getpwnam("nobody" if os.geteuid() == 0 else _me())
        group = grp.getgrgid(known.pw_gid).gr_name
        facts = {"home": self.home, "port": self.port, "group": group}
        facts |= {"user": known.pw_name, "uid": known.pw_uid, "gid": known.pw_gid}
        oauth2 = self.home / "oauth2.conf.ext"
        text = (EXAMPLE / f"{kind}.conf.ext").read_text()
        replaced["/var/lib/dovecot/keys"] = str(self.keys)
        for example, ours in replaced.items():
            assert example in text or example.startswith("/"), f"no {example} there"
            text = text.replace(example, ours)
        oauth2.write_text(text)
        common = (EXAMPLE / "dovecot.conf.ext").read_text()
        common = common.replace("/etc/dovecot/oauth2.conf.ext", str(oauth2))
        config = self.home / "dovecot.conf"
        config.write_text(CONFIG.format(**facts) + common)
        return self.listen(self.program, "-F", "-c", config)


def _me() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name
