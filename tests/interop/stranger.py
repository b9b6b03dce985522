"""A relying party on a library of npm, as a process that takes orders."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Self

from tests.support.nodejs import nodejs

HERE = Path(__file__).parent


class Refused(Exception):
    """What the library did not accept, in its own words."""

    def __init__(self, fault: dict[str, Any]):
        super().__init__(json.dumps(fault))
        self.name: str = fault["name"]
        self.error: str | None = fault.get("error")
        self.status: int | None = fault.get("status")
        self.message: str = fault["message"]


class Stranger:
    """One client of the server, with the server's metadata and keys in its cache."""

    PROGRAM = "openid_client.mjs"
    LIBRARY = "openid-client"

    def __init__(self, issuer: str, client_id: str, **facts: Any):
        if not (HERE / "node_modules" / self.LIBRARY).is_dir():
            raise AssertionError(f"{self.LIBRARY} is not installed: run `make node`")
        self._node = subprocess.Popen(
            [nodejs(), HERE / self.PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self.metadata: dict[str, Any] = self.ask(
                "discover", issuer=issuer, client_id=client_id, **facts
            )
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

    def ask(self, order: str, **details: Any) -> Any:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps({"order": order, **details}) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        assert line, f"{self.LIBRARY} ended at {order!r}; its words are on stderr"
        answer = json.loads(line)
        if "fault" in answer:
            raise Refused(answer["fault"])
        return answer["value"]


class Banker(Stranger):
    """A client on oauth4webapi that pushes its requests and proves itself by a key."""

    PROGRAM = "fapi_client.mjs"
    LIBRARY = "oauth4webapi"
