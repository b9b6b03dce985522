"""Somebody else's OpenID Provider, npm's oidc-provider, as a process of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Self

from tests.support.nodejs import nodejs

HERE = Path(__file__).parent


class SomebodyElse:
    """A provider with its clients; `issuer` is where it is."""

    def __init__(self, *clients: dict[str, Any]):
        if not (HERE / "node_modules" / "oidc-provider").is_dir():
            raise AssertionError("oidc-provider is not installed: run `make node`")
        self._node = subprocess.Popen(
            [nodejs(), HERE / "provider.mjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self.issuer: str = self._tell(list(clients))["issuer"]
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """The end of its input is the end of the process."""
        self._node.communicate(timeout=30)

    def next_is(self, sub: str, **claims: Any) -> None:
        """Say who signs in there from now on."""
        self._tell({"sub": sub, "claims": claims})

    def next_denies(self) -> None:
        """Whoever comes says no."""
        self._tell({"deny": True})

    def _tell(self, order: Any) -> dict[str, Any]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(order) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        assert line, "oidc-provider has ended"
        return json.loads(line)
