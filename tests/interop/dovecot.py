"""Debian's Dovecot, private to one test: its own folder, port and processes.

It is set up with the files of ``examples/mail_server``, where only the addresses of the
example are replaced.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.live import until
from tests.support.postgres import die_with_parent, free_port

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


class Dovecot:
    """One Dovecot that lets people in by tokens."""

    def __init__(self) -> None:
        self.program = find()
        self.port = free_port()
        self.home = Path(tempfile.mkdtemp(prefix="authserver-dovecot-"))
        self.keys = self.home / "keys"
        self.process: subprocess.Popen[bytes] | None = None

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
        self.process = subprocess.Popen(
            [self.program, "-F", "-c", config],
            stdin=subprocess.DEVNULL, cwd=self.home, start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM), **self._identity(known),
        )  # fmt: skip
        until(self._listens, "Dovecot to listen")
        return self

    def _identity(self, known: pwd.struct_passwd) -> dict[str, object]:
        """Never root: the whole of it runs as somebody who owns this folder alone."""
        if os.geteuid() != 0:
            return {}
        for place in (self.home, *self.home.rglob("*")):
            os.chown(place, known.pw_uid, known.pw_gid)
        return {"user": known.pw_uid, "group": known.pw_gid, "extra_groups": []}

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"Dovecot ended:\n{self.log}"
        with socket.socket() as door:
            return door.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def log(self) -> str:
        file = self.home / "log"
        return file.read_text() if file.exists() else ""

    def stop(self) -> None:
        """End it, its children and its folder."""
        if self.process is not None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            until(lambda: not self.is_alive(), "Dovecot to end", patience=10)
        shutil.rmtree(self.home, ignore_errors=True)

    def is_alive(self) -> bool:
        """Whether any process of its group is left."""
        assert self.process is not None
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _me() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name
