"""`python -m bench.console`: the lists of the console at the size of a large service.

    python -m bench.console [--users 1000000] [--lines 10000000] [--explain]
                            [--rows 1000000]

It fills a PostgreSQL of its own, opens each list as an operator does, in this process,
and says the time of the server for it, and how much of it was spent here and in the
database; `--explain` prints the plan of every statement
that took longer than `SLOW_MS`.  Then it takes a log away as a file from a server that
runs by itself, and says how much memory that server had at the most.
"""

import argparse
import base64
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from sqlalchemy import event, text

from tests.support.live import LiveServer, authserver
from tests.support.postgres import cluster

BUDGET_MS = 50
SLOW_MS = 20
TIMES = 7
PASSWORD = "Quatro-Faróis-47"
ROOT = "root@example.test"

FILL = (
    """INSERT INTO auth.users (id, email, full_name, username, status, profile,
         is_email_verified, created_at, updated_at, last_login_at)
       SELECT gen_random_uuid(), 'person' || n || '@example.test',
         (ARRAY['Ada','Bea','Cy','Dora','Eve'])[1 + n % 5] || ' Number ' || n,
         'person' || n, (ARRAY['active','active','active','locked'])[1 + n % 4], '{{}}',
         true, now() - n * interval '20 seconds', now(), now()
       FROM generate_series(1, {users}) n""",
    """INSERT INTO auth.user_roles (user_id, role_id, assigned_at)
       SELECT u.id, r.id, now() FROM auth.users u, auth.roles r
       WHERE r.name = 'editor' AND u.username LIKE 'person%77777'""",
    """INSERT INTO auth.sessions (id, user_id, refresh_token, refresh_token_hash,
         expires_at, absolute_expires_at, is_active, auth_time, acr, amr, created_at,
         last_activity_at, ip_address, device_name)
       SELECT gen_random_uuid(), u.id, gen_random_uuid(), gen_random_uuid(),
         now() + interval '1 day', now() + interval '9 days', true, now(), '1',
         '{{pwd}}', u.created_at, now(), '198.51.100.7', 'Firefox, Linux'
       FROM auth.users u""",
    """INSERT INTO auth.login_history (user_id, action, status, auth_method, ip_address,
         attempted_email, user_agent, created_at)
       SELECT NULL, 'login', (ARRAY['success','success','failure'])[1 + n % 3],
         'password', ('10.' || n % 256 || '.' || (n / 256) % 256 || '.7')::inet,
         'person' || n % {users} || '@example.test', 'Mozilla/5.0 (X11; Linux x86_64)',
         now() - ({lines} - n) * interval '3 seconds'
       FROM generate_series(1, {lines}) n""",
    """INSERT INTO auth.security_events (event, user_id, ip_address, trace_id, facts,
         created_at)
       SELECT CASE WHEN n % 1000003 = 7 THEN 'user:mfa:disabled'
              ELSE 'user:profile:changed' END,
         NULL, ('10.' || n % 256 || '.' || (n / 256) % 256 || '.7')::inet,
         md5(n::text), '{{}}', now() - ({lines} - n) * interval '3 seconds'
       FROM generate_series(1, {lines}) n""",
    "ANALYZE",
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
    asks.add_argument("--explain", action="store_true")
    wanted = asks.parse_args()
    with tempfile.TemporaryDirectory() as home, cluster() as postgres:
        url = postgres.create_database()
        environ = {
            "APP_ENV": "test",
            "AUTHSERVER_HOME": home,
            "APP_URL": "https://auth.example.test",
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
    """Open every list, and say how long the server took for it."""
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
        fill(db.engine, wanted)
        trace = db.session.execute(
            text("SELECT trace_id FROM auth.security_events WHERE id = 5000")
        ).scalar()
        db.session.rollback()
        client = signed_in(app)
        wrong = 0
        for page in PAGES:
            path = f"/console/{page.format(trace=trace)}"
            statements: list[Any] = []
            with noting(services.reads.engine, statements):
                took = [one_look(client, path) for _ in range(TIMES)]
            ms = statistics.median(one for one, _ in took)
            cpu = statistics.median(one for _, one in took)
            asked = sum(one for one, _, _ in statements) / TIMES
            wrong += ms > BUDGET_MS
            mark = "  OVER" if ms > BUDGET_MS else ""
            say(
                f"{ms:7.1f} ms, {cpu:5.1f} of it here, {asked:7.1f} there  {path}{mark}"
            )
            if wanted.explain:
                explain(services.reads.engine, statements)
        services.reads.engine.dispose()
        db.engine.dispose()
    return wrong


def fill(engine: Any, wanted: argparse.Namespace) -> None:
    """Make as many people and lines as were asked for."""
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for statement in FILL:
            begun = time.monotonic()
            sizes = {"users": wanted.users, "lines": wanted.lines}
            connection.execute(text(statement.format(**sizes)))
            connection.commit()
            said = " ".join(statement.split()[:3])
            say(f"{time.monotonic() - begun:8.1f} s   {said}")


def signed_in(app: Any) -> Any:
    """Give a browser of the operator."""
    client = app.test_client()
    page = client.get("/signin", base_url="https://auth.example.test").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"csrf_token": token, "identifier": ROOT, "password": PASSWORD}
    answer = client.post("/signin", data=form, base_url="https://auth.example.test")
    assert answer.status_code == 303, answer.text
    return client


def one_look(client: Any, path: str) -> tuple[float, float]:
    """Open a page; give its milliseconds, and those that this process worked for it."""
    begun, worked = time.perf_counter(), time.process_time()
    answer = client.get(path, base_url="https://auth.example.test")
    took, cpu = time.perf_counter() - begun, time.process_time() - worked
    assert answer.status_code == 200, (path, answer.status_code)
    return took * 1000, cpu * 1000


@contextmanager
def noting(engine: Any, statements: list[Any]) -> Iterator[None]:
    """Note every statement with its parameters and its time."""
    begun: list[float] = []

    def before(*_: Any) -> None:
        begun.append(time.perf_counter())

    def after(_c: Any, _cursor: Any, sql: str, given: Any, *_: Any) -> None:
        statements.append(((time.perf_counter() - begun.pop()) * 1000, sql, given))

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def explain(engine: Any, statements: list[Any]) -> None:
    """Print the plans of what was slow, each once."""
    slow = {sql: given for ms, sql, given in statements if ms > SLOW_MS}
    for sql, given in slow.items():
        if not sql.lstrip().upper().startswith("SELECT"):
            continue
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(f"EXPLAIN ANALYZE {sql}", given)
            for row in rows:
                say(f"             {row[0]}")


def export(environ: dict[str, str], rows: int) -> int:
    """Take a log away from a server of its own; say its memory at the most."""
    kept = {name: environ[name] for name in ("KEY_ENCRYPTION_KEY",)}
    settings = kept | {"LOG_LEVEL": "INFO"}
    with LiveServer(database_url=environ["DATABASE_URL"], env=settings) as server:
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


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
