"""One scenario inside one process: where its time goes and what it asks the database.

    python -m bench.profile SCENARIO [--database sqlite] [--laps 500] [--sort tottime]

No socket and no server are between the script and the WSGI callable, so what is
left is ours.  Prints the CPU-milliseconds a lap without the profiler, the SQL
statements of one lap, and the functions that took most under the profiler.
"""

import argparse
import cProfile
import io
import pstats
import time
from collections.abc import Callable
from contextlib import ExitStack

from sqlalchemy import Engine, event

from authserver.app import create_app
from authserver.config import load
from bench.deployment import DATABASES, PRODUCTION, database_of, populate
from bench.messages import Request, Response
from bench.scenarios import REST, SCENARIOS, Script
from tests.support.live import LiveServer

WARM_LAPS = 20
PORT = 8000  # nobody listens: there is no wire


def main() -> None:
    """Profile what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="bench.profile")
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    parser.add_argument("--laps", type=int, default=500)
    parser.add_argument("--sort", choices=["tottime", "cumtime"], default="tottime")
    parser.add_argument("--lines", type=int, default=45)
    wanted = parser.parse_args()
    with ExitStack() as stack:
        url, _ = stack.enter_context(database_of(wanted.database))
        live = LiveServer(database_url=url, env=PRODUCTION)
        stack.callback(live.stop)
        live.port = PORT
        live.run("db", "upgrade")
        script = SCENARIOS[wanted.scenario].script(populate(live), 0)
        conversation = Conversation(create_app(load(live.env())), script)
        conversation.laps(1 + WARM_LAPS)
        show_cost(conversation, wanted.laps)
        show_statements(conversation)
        show_profile(conversation, wanted)


class Conversation:
    """A script that speaks to a WSGI callable without a wire."""

    def __init__(self, app: Callable, script: Script) -> None:
        self.app = app
        self.script = script

    def laps(self, count: int) -> None:
        """Go from rest to rest so many times."""
        for _ in range(count):
            request = self.script.send(None)
            while request is not REST:
                request = self.script.send(self.ask(request))

    def ask(self, request: Request) -> Response:
        """Call the application as a WSGI server does (PEP 3333)."""
        path, _, query = request.target.partition("?")
        body = request.body.encode()
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(PORT),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": f"127.0.0.1:{PORT}",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for name, value in request.headers:
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        said: list = []
        chunks = self.app(
            environ, lambda status, headers: said.extend((status, headers))
        )
        answer = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        head = [f"{name}: {value}" for name, value in said[1]]
        return Response(int(said[0][:3]), head, answer)


def show_cost(conversation: Conversation, laps: int) -> None:
    """CPU time of a lap, undisturbed by a profiler."""
    begun = time.process_time()
    conversation.laps(laps)
    spent = (time.process_time() - begun) / laps * 1000
    print(f"{spent:.3f} CPU-ms a lap in this process, without the database's")


def show_statements(conversation: Conversation) -> None:
    """The SQL of one lap, and where transactions end."""
    heard: list[str] = []

    def statement(conn, cursor, sql, *rest) -> None:
        heard.append(" ".join(sql.split()))

    listeners = {
        "before_cursor_execute": statement,
        "commit": lambda _conn: heard.append("COMMIT"),
        "rollback": lambda _conn: heard.append("ROLLBACK"),
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    conversation.laps(1)
    for name, listener in listeners.items():
        event.remove(Engine, name, listener)
    print("\n".join(heard) or "no SQL")


def show_profile(conversation: Conversation, wanted: argparse.Namespace) -> None:
    """The functions that took most."""
    profiler = cProfile.Profile(time.process_time)
    profiler.runcall(conversation.laps, wanted.laps)
    pstats.Stats(profiler).sort_stats(wanted.sort).print_stats(wanted.lines)


if __name__ == "__main__":
    main()
