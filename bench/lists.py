"""`python -m bench.lists`: the lists of operators at the size of a large service.

    python -m bench.lists [--users 1000000] [--lines 10000000] [--explain [MS]]
                          [--rows 1000000]

It fills a PostgreSQL of its own, opens each list of `/v1/admin` and of the console as an
operator does, in this process, and says the time of the server for it, and how much of
it was spent here and in the database; `--explain` prints the plan of every statement
that took longer than so many milliseconds.  Then it takes a log away as a file from a
server that runs by itself, and says how much memory that server had at the most.
"""

import argparse
import base64
import os
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from sqlalchemy import text

from bench.crowd import SECONDS_APART, fill
from bench.plans import SLOW_MS, explain, noting, say
from tests.support.live import LiveServer, authserver
from tests.support.postgres import cluster

BUDGET_MS = 50
TIMES = 7
PASSWORD = "Quatro-Faróis-47"
ROOT = "root@example.test"
HOME = "https://auth.example.test"

CALLS = (
    "users",
    "users?limit=200",
    "users?cursor={among_people}",
    "users?status=locked&cursor={among_people}",
    "users?q=number+777777",
    "users?q=person123456%40",
    "users?status=locked",
    "users?role=editor",
    "users?institution=default",
    "users?q=nobody+by+that+name",
    "sessions",
    "sessions?cursor={among_people}",
    "sessions?q=person123456%40",
    "sessions?ip=192.0.2.1",
    "sessions?ip=198.51.100.7&cursor={among_people}",
    "logs/login",
    "logs/login?cursor={among_lines}",
    "logs/login?status=failure",
    "logs/login?ip=10.7.7.7",
    "logs/login?since=2026-02-01T00:00:00Z&until=2026-02-02T00:00:00Z",
    "logs/security",
    "logs/security?limit=200",
    "logs/security?cursor={among_lines}",
    "logs/security?event=user:mfa",
    "logs/security?event=user:account:locked",
    "logs/security?trace_id={trace}",
    "logs/security?since=2026-02-01T00:00:00Z&until=2026-02-02T00:00:00Z",
)
PAGES = (
    "users",
    "users?q=number+777777",
    "users?q=person123456%40",
    "users?status=locked",
    "users?role=editor",
    "users?institution=default",
    "users?q=nobody+by+that+name",
    "sessions",
    "sessions?q=person123456%40",
    "sessions?ip=192.0.2.1",
    "logs/sign-ins",
    "logs/sign-ins?status=failure",
    "logs/sign-ins?ip=10.7.7.7",
    "logs/sign-ins?since=2026-02-01&until=2026-02-02",
    "logs/security",
    "logs/security?event=user:mfa",
    "logs/security?event=user:account:locked",
    "logs/security?trace_id={trace}",
    "logs/security?since=2026-02-01&until=2026-02-02",
)


def main() -> int:
    """Fill, look, and say."""
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("--users", type=int, default=1_000_000)
    asks.add_argument("--lines", type=int, default=10_000_000)
    asks.add_argument("--rows", type=int, default=1_000_000)
    asks.add_argument("--explain", type=float, nargs="?", const=SLOW_MS, metavar="MS")
    wanted = asks.parse_args()
    with tempfile.TemporaryDirectory() as home, cluster() as postgres:
        url = postgres.create_database()
        environ = {
            "APP_ENV": "test",
            "AUTHSERVER_HOME": home,
            "APP_URL": HOME,
            "DATABASE_URL": url,
            "KEY_ENCRYPTION_KEY": base64.b64encode(os.urandom(32)).decode(),
            "RATE_LIMITS": "off",
            "ARGON2_MEMORY_KIB": "1024",
        }
        authserver("db", "upgrade", env=environ)
        wrong = look(environ, wanted)
        wrong += export(environ, wanted.rows)
    return 1 if wrong else 0


def look(environ: dict[str, str], wanted: argparse.Namespace) -> int:
    """Open every list, and say how long the server took for it; count the slow ones."""
    from authserver.app import create_app
    from authserver.config import load
    from authserver.models import db

    app = create_app(load(environ))
    with app.app_context():
        services = app.extensions["services"]
        services.people.add(
            email=ROOT, password=PASSWORD, verified=True, roles=["super_admin"]
        )
        db.session.commit()
        fill(db.engine, users=wanted.users, lines=wanted.lines)
        facts = marks(db.session, wanted)
        db.session.rollback()
        browser, caller = signed_in(app), {"headers": bearer(app)}
        slow = 0
        for path in (f"/v1/admin/{call.format(**facts)}" for call in CALLS):
            slow += look_at(app.test_client(), path, services, wanted, **caller)
        for path in (f"/console/{page.format(**facts)}" for page in PAGES):
            slow += look_at(browser, path, services, wanted)
        services.reads.engine.dispose()
        db.engine.dispose()
    return slow


def marks(session: Any, wanted: argparse.Namespace) -> dict[str, str]:
    """Give what the addresses name: a trace, and where the middle of each list is."""
    from authserver.http.paging import write_cursor

    found = text("SELECT trace_id FROM auth.security_events WHERE id = 5000")
    ago = timedelta(seconds=wanted.users // 2 * SECONDS_APART)
    moment = (datetime.now(UTC) - ago).isoformat()
    return {
        "trace": session.execute(found).scalar(),
        "among_people": write_cursor([moment, uuid.uuid4()]),
        "among_lines": write_cursor([wanted.lines // 2]),
    }


def look_at(
    client: Any,
    path: str,
    services: Any,
    wanted: argparse.Namespace,
    **more: Any,
) -> bool:
    """Open one list, and say what it took; whether that was too much."""
    statements: list[Any] = []
    with noting(services.reads.engine, statements):
        took = [one_look(client, path, **more) for _ in range(TIMES)]
    ms = statistics.median(one for one, _ in took)
    cpu = statistics.median(one for _, one in took)
    asked = sum(one for one, _, _ in statements) / TIMES
    mark = "  OVER" if ms > BUDGET_MS else ""
    say(f"{ms:7.1f} ms, {cpu:5.1f} of it here, {asked:7.1f} there  {path}{mark}")
    if wanted.explain is not None:
        explain(services.reads.engine, statements, slower_than=wanted.explain)
    return ms > BUDGET_MS


def signed_in(app: Any) -> Any:
    """Give a browser of the operator."""
    client = app.test_client()
    page = client.get("/signin", base_url=HOME).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"csrf_token": token, "identifier": ROOT, "password": PASSWORD}
    answer = client.post("/signin", data=form, base_url=HOME)
    assert answer.status_code == 303, answer.text
    return client


def bearer(app: Any) -> dict[str, str]:
    """Give the header of the operator's own token."""
    given = {"email": ROOT, "password": PASSWORD}
    answer = app.test_client().post("/v1/auth/signin", json=given, base_url=HOME)
    return {"Authorization": f"Bearer {answer.json['data']['accessToken']}"}


def one_look(client: Any, path: str, **more: Any) -> tuple[float, float]:
    """Open a page; give its milliseconds, and those that this process worked for it."""
    begun, worked = time.perf_counter(), time.process_time()
    answer = client.get(path, base_url=HOME, **more)
    took, cpu = time.perf_counter() - begun, time.process_time() - worked
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
    return took * 1000, cpu * 1000


def export(environ: dict[str, str], rows: int) -> int:
    """Take a log away from a server of its own; say its memory at the most."""
    kept = {name: environ[name] for name in ("KEY_ENCRYPTION_KEY",)}
    settings = kept | {"LOG_LEVEL": "INFO"}
    with LiveServer(
        database_url=environ["DATABASE_URL"], env=settings, is_preloaded=False
    ) as server:
        told = (
            "--email",
            "exporter@example.test",
            "--verified",
            "--role",
            "super_admin",
        )
        server.cli("user", "create", "--password", PASSWORD, *told)
        api = f"{server.url}/v1"
        given = {"email": "exporter@example.test", "password": PASSWORD}
        found = requests.post(f"{api}/auth/signin", json=given, timeout=30).json()
        headers = {"Authorization": f"Bearer {found['data']['accessToken']}"}
        before, most, count = memory_of(server), 0.0, 0
        begun = time.monotonic()
        with requests.get(
            f"{api}/admin/logs/login?format=csv",
            headers=headers,
            stream=True,
            timeout=60,
        ) as answer:
            for line in answer.iter_lines(chunk_size=16384):
                count += bool(line)
                if count % 10_000 == 0:
                    most = max(most, memory_of(server))
                if count > rows:
                    break
        took = time.monotonic() - begun
    say(
        f"{count - 1} lines in {took:.1f} s; {before:.0f} MiB before, {most:.0f} at most"
    )
    return int(most > 150)


def memory_of(server: LiveServer) -> float:
    """Give the MiB of the largest process that answers requests."""
    return max(one.memory_info().rss for one in server.workers()) / 2**20


if __name__ == "__main__":
    raise SystemExit(main())
