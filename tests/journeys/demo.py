"""What `make run` runs: `authserver dev` and the relying party beside it."""

from __future__ import annotations

import socket
from contextlib import closing

from tests.support.live import LiveServer, of_this_machine, until
from tests.support.ports import free_port


class Demo(LiveServer):
    """`authserver dev` with a folder and a port, and not one setting more."""

    def __init__(self, **settings: str) -> None:
        super().__init__(command=("dev",))
        self.settings = settings
        self.port = free_port(neighbours=1)

    @property
    def site(self) -> str:
        """The demo relying party: one port up."""
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def database(self) -> str:
        """Where it keeps everything: in its folder, unless it was told otherwise."""
        if url := self.settings.get("DATABASE_URL"):
            return url.replace("postgresql://", "postgresql+psycopg2://")
        return f"sqlite:///{self.home / 'authserver.db'}"

    def env(self, **more: str) -> dict[str, str]:
        ours = {"AUTHSERVER_HOME": str(self.home), "PORT": str(self.port)}
        return {**of_this_machine(), **ours, **self.settings, **more}

    def start(self, *, migrate: bool = True) -> Demo:
        if migrate and "DATABASE_URL" in self.settings:  # it upgrades its own alone
            self.run("db", "upgrade", APP_ENV="development")
        super().start(migrate=migrate)
        until(lambda: listens(self.port + 1), "the relying party to listen")
        return self


def listens(port: int) -> bool:
    with closing(socket.socket()) as door:
        return door.connect_ex(("127.0.0.1", port)) == 0
