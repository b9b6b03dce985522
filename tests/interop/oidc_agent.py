"""Debian's oidc-agent, private to one test: its own home, socket and process."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.interop.peer import Peer
from tests.support.live import until

ACCOUNT = "house"
SECONDS = 60


def find(name: str) -> str:
    """A program of it; say what is missing."""
    if program := shutil.which(name):
        return program
    raise AssertionError(
        "oidc-agent is not here: apt-get install oidc-agent-cli, "
        "or set AUTHSERVER_TESTS_WITHOUT_OIDC_AGENT=1 to do without this peer."
    )


class OidcAgent(Peer):
    """One agent, that knows nothing but what it is told on its command line."""

    name = "oidc-agent"

    def __init__(self) -> None:
        super().__init__()
        (self.home / ".config" / "oidc-agent").mkdir(parents=True)
        self.said = self.home / "said"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "OIDC_SOCK": str(self.home / "socket"),
            "PASSWORD": "of the file that it keeps",
        }

    def start(self) -> Self:
        self.process = self._spawn(
            *("oidc-agent", "-d", "--log-stderr", "-g", "-a", self.env["OIDC_SOCK"]),
            log=self.home / "log",
        )
        until((self.home / "socket").exists, "oidc-agent to listen")
        return self

    def register(self, issuer: str, scope: str, **options: str) -> Registering:
        """Let it register itself, and begin the device flow (RFC 7591, RFC 8628)."""
        more = [f"--{name}={value}" for name, value in options.items()]
        process = self._spawn(
            *("oidc-gen", "--iss", issuer, "--flow=device", "--scope", scope, *more),
            *("--pw-env=PASSWORD", "--prompt=none", "--confirm-default", ACCOUNT),
            log=self.said,
        )
        return Registering(process, self.said)

    def token(self, *options: str) -> str:
        """An access token; refreshed where it is asked or needed."""
        done = self._run("oidc-token", *options, ACCOUNT)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def forget(self) -> str:
        """Delete the account; the agent revokes what it holds (RFC 7009)."""
        done = self._run(
            "oidc-gen", "-d", "--confirm-yes", "--pw-env=PASSWORD", ACCOUNT
        )
        return done.stdout + done.stderr

    def _run(self, name: str, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [find(name), *args],
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def _spawn(self, name: str, *args: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as file:
            return self.spawn(find(name), *args, env=self.env, stdout=file, stderr=file)


class Registering:
    """`oidc-gen` while it waits for its person."""

    def __init__(self, process: subprocess.Popen[bytes], said: Path) -> None:
        self.process, self.said = process, said

    @property
    def words(self) -> str:
        return self.said.read_text(errors="replace")

    def page(self) -> str:
        """Where the person is to go, with the code."""
        until(self._has_page_or_ended, "oidc-gen to show a page")
        found = self._page()
        assert found, f"oidc-gen ended:\n{self.words}"
        return found

    def _has_page_or_ended(self) -> bool:
        return bool(self._page()) or self.process.poll() is not None

    def _page(self) -> str:
        place = re.search(r"https?://\S+/device\S*", self.words)
        code = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", self.words)
        return (
            f"{place[0].partition('?')[0]}?user_code={code[1]}"
            if place and code
            else ""
        )

    def wait(self) -> int:
        """Give its exit status."""
        try:
            return self.process.wait(SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
