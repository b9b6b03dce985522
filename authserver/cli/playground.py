"""What `authserver dev` runs: everything in one process, and a demo app beside it."""

import json
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from authserver.adapters.mailer import is_loopback
from authserver.app import create_app
from authserver.cli.stopping import stop_all
from authserver.config import TRIAL_PASSWORD, Settings, child_environment, local_url
from authserver.http import logs, waiting
from authserver.http.delivery import Delivery
from authserver.http.notifying import Notifying
from authserver.models import db, migrations
from authserver.services import Services

DEMO = Path(__file__).parents[2] / "examples" / "relying_party" / "app.py"
DEMO_FILE = "demo-client.json"


class Handler(WSGIRequestHandler):
    """Keeps connections open, and leaves the log to us."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: each request is logged once already, without its query."""


class Server(ThreadedWSGIServer):
    """Ends when the requests under way have their answers, and no later."""

    daemon_threads = False  # so that closing waits for them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Listen; ``serve_forever`` begins."""
        self.connections: set[socket.socket] = set()
        super().__init__(*args, **kwargs)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember who is connected."""
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget who has left."""
        self.connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Read no further request from any connection; what is owed is written."""
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        super().server_close()


def run(settings: Settings) -> None:
    """Set up what is missing, serve until told to stop, and end cleanly."""
    settings.home.mkdir(parents=True, exist_ok=True)
    logs.configure(settings.log_level)
    if migrations.is_own_file(settings):
        migrations.upgrade(settings)
    else:
        migrations.require_current(settings)
    app = create_app(settings, may_create_key=True)
    link, demo = prepare(app, settings)
    server = Server(settings.host, settings.port, app, handler=Handler)
    room = waiting.open_room(app, settings.threads)
    beside = (Delivery(app), Notifying(app))
    for thread in beside:
        thread.start()
    has_room = is_free(settings.host, settings.port + 1)
    site = start_demo(settings, demo) if demo and has_room else None
    stop_on_signals(server)
    tell(settings, link, has_demo=bool(demo), has_room=has_room)
    try:
        server.serve_forever()
    finally:
        room.stop()
        server.server_close()
        stop_all(beside)
        if site is not None:
            site.terminate()
            site.wait(10)


def prepare(app: Flask, settings: Settings) -> tuple[str | None, dict[str, str]]:
    """Make keys, the first administrator and the demo app where they are missing."""
    with app.app_context():
        services: Services = app.extensions["services"]
        services.keys.ensure()
        services.clients.ensure_own()
        services.sectors.ensure()
        link = services.people.ensure_admin()
        demo = demo_client(services, settings) if may_have_demo(settings) else {}
        db.session.commit()
    return link, demo


def may_have_demo(settings: Settings) -> bool:
    """Whether there is a demo app, which knows no TLS, and people on this machine."""
    return DEMO.is_file() and is_loopback(urlsplit(demo_url(settings)).hostname or "")


def demo_client(services: Services, settings: Settings) -> dict[str, str]:
    """Give the demo app's id and secret, registered at the first start."""
    site = demo_url(settings)
    file = settings.home / DEMO_FILE
    if file.exists():
        kept: dict[str, str] = json.loads(file.read_text())
        if kept.get("site") == site and services.clients.find(kept["client_id"]):
            return kept
    row, secret = services.clients.register(
        name="Demo app",
        redirect_uris=[f"{site}/callback"],
        post_logout_redirect_uris=[f"{site}/signed-out"],
        extra={"client_uri": site},
    )
    made = {"client_id": row.client_id, "client_secret": secret or "", "site": site}
    file.touch(mode=0o600)
    file.write_text(json.dumps(made))
    return made


def demo_url(settings: Settings) -> str:
    """Give the address of the demo app: the next port."""
    return local_url(settings.host, settings.port + 1)


def is_free(host: str, port: int) -> bool:
    """Whether a server can listen there; another program may do so already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with suppress(OSError), socket.create_server((host, port), family=family):
        return True
    return False


def start_demo(settings: Settings, demo: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the demo app in a process of its own, as a stranger to us."""
    more = {
        "OIDC_ISSUER": settings.issuer,
        "OIDC_CLIENT_ID": demo["client_id"],
        "OIDC_CLIENT_SECRET": demo["client_secret"],
        "HOST": settings.host,
        "PORT": str(settings.port + 1),
        "SITE_URL": demo["site"],
    }
    return subprocess.Popen(  # noqa: S603 -- our own file
        [sys.executable, str(DEMO)], env=child_environment(more)
    )


def stop_on_signals(server: BaseWSGIServer) -> None:
    """Let Ctrl-C and TERM end the serving; requests under way are finished."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        # shutdown() waits for the loop, which this very thread runs.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def tell(
    settings: Settings, link: str | None, *, has_demo: bool, has_room: bool
) -> None:
    """Say what to open."""
    lines = [f"authserver is at   {settings.issuer}"]
    if has_demo and has_room:
        lines.append(f"Sign in to an app  {demo_url(settings)}")
    elif has_demo:
        taken = settings.port + 1
        lines.append(f"No demo app:       port {taken} is taken; choose another PORT")
    lines.append(f"Read its mail      {settings.issuer}/dev/mail")
    if link:
        lines.append(f"Become the admin   {link}  (once, within a day)")
    if settings.admin_password == TRIAL_PASSWORD:
        name = settings.admin_username
        lines.append(
            f"The admin is       {name}, password {TRIAL_PASSWORD}, until changed"
        )
    lines.append("Ctrl-C ends it.")
    click.echo("\n" + "\n".join(lines) + "\n")
