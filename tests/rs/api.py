"""An example API in a process of its own, as its README starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import requests

from tests.support.live import LiveServer, of_this_machine, until
from tests.support.ports import free_port
from tests.support.postgres import die_with_parent
from tests.support.relying_party import RelyingParty

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "resource_server"


class Api:
    """One of the examples, that believes `issuer`."""

    def __init__(
        self, program: str, interface: str, issuer: str, *, path: str = "", **env: str
    ) -> None:
        self.program, self.interface = program, interface
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.resource = self.url + path
        self.env = {"ISSUER": issuer, "RESOURCE": self.resource, **env}
        self.process: subprocess.Popen[bytes] | None = None
        self.http = requests.Session()
        self.http.trust_env = False

    def __enter__(self) -> Self:
        source = {"PYTHONPATH": str(ROOT / "authserver_rs" / "src")}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--no-ws", "--workers", "1"),
                *("--host", "127.0.0.1", "--port", str(self.port)),
                *("--interface", self.interface, f"{self.program}:app"),
            ],
            cwd=FOLDER,
            env=of_this_machine() | source | self.env,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        until(self._answers, f"{self.program} at {self.url}")
        return self

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.program
        with suppress(requests.ConnectionError):
            return self.http.get(self.metadata_url, timeout=5).ok
        return False

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.http.close()

    @property
    def metadata_url(self) -> str:
        """RFC 9728 §3.1."""
        path = self.resource.removeprefix(self.url)
        return f"{self.url}/.well-known/oauth-protected-resource{path}"

    def call(
        self,
        method: str,
        token: str | None = None,
        *,
        scheme: str = "Bearer",
        **more: str,
    ) -> requests.Response:
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        if token is not None:
            headers["Authorization"] = f"{scheme} {token}"
        return self.http.request(method, f"{self.url}/notes", headers=headers)


class registered:  # noqa: N801 -- reads as a word
    """An API that the authorization server knows while a test runs."""

    def __init__(self, server: LiveServer, api: Api, robot: RelyingParty, *more: str):
        self.server, self.api, self.robot, self.more = server, api, robot, more

    def __enter__(self) -> None:
        self.server.cli(
            *("resource", "create", "--identifier", self.api.resource),
            *("--name", "Notes", "--scope", "notes:read", "--scope", "notes:write"),
            *self.more,
        )
        until(lambda: machine_token(self.robot, self.api).ok, "the resource")

    def __exit__(self, *_: object) -> None:
        self.server.cli("resource", "delete", self.api.resource)


def machine_token(robot: RelyingParty, api: Api, **form: str) -> Any:
    form = {"grant_type": "client_credentials", "scope": "notes:read"} | form
    return robot.post("token_endpoint", resource=api.resource, **form)


def challenge(answer: Any, scheme: str = "Bearer") -> dict[str, str]:
    """The parameters of one challenge; several may stand in one header (RFC 9110)."""
    said = answer.headers["WWW-Authenticate"]
    start = re.search(rf"(?:^|, ){scheme} ", said)
    assert start, said
    rest = said[start.end() :]
    ours = re.split(r", (?:Bearer|DPoP) ", rest)[0]
    return dict(re.findall(r'(\w+)="([^"]*)"', ours))
