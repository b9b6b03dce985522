"""`make bench`: measure each scenario at each load on each database, and report.

    python -m bench [--database postgresql|sqlite] [--scenario NAME ...]
                    [--connections 1,16,64] [--seconds 3] [--workers 2]
                    [--markdown] [--strict]

It fails when the server gave a single wrong answer; with --strict also when a
budget is broken.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from bench.baseline import bare_server, signature_ms
from bench.deployment import DATABASES, Server, deployed, seconds_to_start
from bench.processes import cpu_seconds, rss_mib
from bench.report import RESULTS, Deployment, Measurement, Report
from bench.scenarios import SCENARIOS, World
from tests.support.live import LiveServer

BARE_CONNECTIONS = 16


def main() -> int:
    """Run what the arguments ask for."""
    wanted = arguments()
    dev_start_seconds, dev_mib = dev_start()
    report = Report(
        machine=machine(wanted.workers),
        bare_wsgi_ms=bare_wsgi_ms(wanted),
        signature_ms=signature_ms(),
        dev_start_seconds=dev_start_seconds,
        dev_mib=dev_mib,
    )
    for database in wanted.database:
        with deployed(database, workers=wanted.workers) as server:
            report.deployments.append(measure_all(server, wanted))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(report.as_json())
    print(report.as_markdown() if wanted.markdown else report.as_text())
    for sentence in report.over_budget():
        print(f"over budget: {sentence}", file=sys.stderr)
    for error in report.errors():
        print(f"wrong answer: {error}", file=sys.stderr)
    return bool(report.errors() or (wanted.strict and report.over_budget()))


def arguments() -> argparse.Namespace:
    """What to measure, and how long."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--scenario", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    parser.add_argument("--connections", type=numbers, default=[1, 16, 64])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--strict", action="store_true")
    return parser.parse_args()


def numbers(text: str) -> list[int]:
    """`1,16,64` as numbers."""
    return [int(word) for word in text.split(",")]


def machine(workers: int) -> str:
    """On what this was measured."""
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {workers} workers"
    )


def bare_wsgi_ms(wanted: argparse.Namespace) -> float:
    """CPU-milliseconds of a request that a bare WSGI callable answers."""
    with bare_server(wanted.workers) as (port, pid):
        world = World("127.0.0.1", port, "", "", "", [], "")
        with clients("discovery", BARE_CONNECTIONS, wanted.seconds, world) as load:
            before = cpu_seconds(pid)
            result = load()
            return (cpu_seconds(pid) - before) / result["laps"] * 1000


def measure_all(server: Server, wanted: argparse.Namespace) -> Deployment:
    """All scenarios at all loads on one server."""
    place = Deployment(
        database=server.database,
        start_seconds=server.start_seconds,
        idle_mib=sizes(server.pid),
    )
    for scenario in wanted.scenario:
        for connections in wanted.connections:
            print(f"{server.database} {scenario} {connections} ...", file=sys.stderr)
            place.measurements.append(
                measure(server, scenario, connections, wanted.seconds)
            )
    place.loaded_mib = sizes(server.pid)
    return place


def dev_start() -> tuple[float, list[float]]:
    """The second start of `authserver dev`: seconds to its first answer, and MiB."""
    live = LiveServer(command=("dev",), env={"APP_ENV": "", "DATABASE_URL": ""})
    try:
        return seconds_to_start(live), sizes(live.process.pid)
    finally:
        live.stop()


def sizes(pid: int) -> list[float]:
    """Resident MiB of a process and those below it."""
    return [round(size, 1) for size in rss_mib(pid).values()]


def measure(
    server: Server, scenario: str, connections: int, seconds: float
) -> Measurement:
    """One scenario at one load: time from the clients, CPU from the kernel."""
    roots = [server.pid, server.database_pid]
    with clients(scenario, connections, seconds, server.world) as load:
        before = [cpu_seconds(pid) if pid else 0.0 for pid in roots]
        result = load()
        after = [cpu_seconds(pid) if pid else 0.0 for pid in roots]
    laps = max(result["laps"], 1)
    spent = [
        (end - start) / laps * 1000 for start, end in zip(before, after, strict=True)
    ]
    return Measurement(
        scenario, connections, server_ms=spent[0], database_ms=spent[1], **result
    )


@contextmanager
def clients(
    scenario: str, connections: int, seconds: float, world: World
) -> Iterator[Callable[[], dict]]:
    """The load generator, prepared and warm; calling it runs the measurement."""
    job = {
        "scenario": scenario,
        "connections": connections,
        "seconds": seconds,
        "world": asdict(world),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def say(line: str) -> str:
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline()

    try:
        if say(json.dumps(job)) != "ready\n":
            raise RuntimeError(f"the clients of {scenario} could not be prepared")
        yield lambda: json.loads(say("go"))
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
