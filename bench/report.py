"""What was measured, as a table, as JSON, and as Markdown for the documentation."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.scenarios import SCENARIOS

RESULTS = Path(__file__).parent / "results"
BUDGETED_AT = 16
TAIL_AT = 64
TAIL_BUDGET = 8


@dataclass(frozen=True)
class Measurement:
    """One scenario at one number of connections."""

    scenario: str
    connections: int
    laps: int
    seconds: float
    p50_ms: float
    p99_ms: float
    server_ms: float
    database_ms: float
    errors: list[str]

    @property
    def rate(self) -> float:
        """Laps a second; a lap of the code flow is two requests."""
        return self.laps / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU-milliseconds a lap of the server's and the database's processes."""
        return self.server_ms + self.database_ms


@dataclass
class Deployment:
    """One server on one database."""

    database: str
    start_seconds: float
    idle_mib: list[float]
    loaded_mib: list[float] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)

    def find(self, scenario: str, connections: int) -> Measurement | None:
        """One cell of the table."""
        for one in self.measurements:
            if (one.scenario, one.connections) == (scenario, connections):
                return one
        return None


@dataclass
class Report:
    """The whole run."""

    machine: str
    bare_wsgi_ms: float
    signature_ms: float
    dev_start_seconds: float
    dev_mib: list[float]
    deployments: list[Deployment] = field(default_factory=list)

    def errors(self) -> list[str]:
        """Every wrong answer; one is enough to fail the run."""
        return [
            f"{place.database}, {one.scenario}, {one.connections} connections: {error}"
            for place in self.deployments
            for one in place.measurements
            for error in one.errors
        ]

    def over_budget(self) -> list[str]:
        """Where PostgreSQL, the database the budgets are written for, exceeds them."""
        sentences = []
        for place in self.deployments:
            if place.database == "postgresql":
                sentences += [s for one in place.measurements if (s := excess(one))]
        return sentences

    def as_json(self) -> str:
        """All numbers, for machines."""
        return json.dumps(asdict(self), indent=2)

    def yardsticks(self) -> str:
        """The machine, and what nobody can undercut on it."""
        return (
            f"{self.machine}; a bare WSGI request under the same server takes "
            f"{self.bare_wsgi_ms:.3f} CPU-ms, an RS256 signature "
            f"{self.signature_ms:.3f} CPU-ms. authserver dev: first answer after "
            f"{self.dev_start_seconds:.2f} s, RSS {mib(self.dev_mib)}."
        )

    def as_text(self) -> str:
        """The table for a terminal."""
        lines = [self.yardsticks()]
        for place in self.deployments:
            lines += ["", summary(place), TEXT_HEAD]
            lines += [self._text_row(one) for one in place.measurements]
        return "\n".join(lines)

    def _text_row(self, one: Measurement) -> str:
        scenario = SCENARIOS[one.scenario]
        signing = scenario.signatures * self.signature_ms
        return (
            f"{one.scenario:19}{one.connections:5}{one.rate:10.0f}"
            f"{one.p50_ms:9.2f}{one.p99_ms:9.2f}"
            f"{one.server_ms:9.3f} +{one.database_ms:6.3f} ={one.cpu_ms:7.3f}"
            f"{scenario.budget:9.2f}{one.cpu_ms / self.bare_wsgi_ms:9.1f}"
            f"{f'{one.cpu_ms / signing:9.1f}' if signing else '        -'}"
            f"{f'  {len(one.errors)} ERRORS' if one.errors else ''}"
        )

    def as_markdown(self) -> str:
        """The tables for docs/performance.md."""
        lines = [self.yardsticks()]
        for place in self.deployments:
            lines += ["", f"### {summary(place)}", "", MARKDOWN_HEAD.rstrip()]
            lines += [self._markdown_row(place, name) for name in SCENARIOS]
        return "\n".join(lines)

    def _markdown_row(self, place: Deployment, name: str) -> str:
        scenario = SCENARIOS[name]
        cells = [name]
        for connections in (1, BUDGETED_AT, TAIL_AT):
            one = place.find(name, connections)
            cells.append(
                f"{one.rate:,.0f} · {one.p50_ms:.1f} · {one.p99_ms:.1f}" if one else "-"
            )
        one = place.find(name, BUDGETED_AT)
        if one:
            cells.append(
                f"{one.server_ms:.3f} + {one.database_ms:.3f} = **{one.cpu_ms:.3f}**"
            )
            bare = one.cpu_ms / self.bare_wsgi_ms
            cells += [f"{scenario.budget} ({scenario.goal})", f"{bare:.1f}"]
        return "| " + " | ".join(cells) + " |"


def summary(place: Deployment) -> str:
    """One line about a deployment: its start and its memory."""
    return (
        f"authserver serve on {place.database}: "
        f"first answer after {place.start_seconds:.2f} s, "
        f"RSS idle {mib(place.idle_mib)}, loaded {mib(place.loaded_mib)}"
    )


def mib(sizes: list[float]) -> str:
    """Memory of a process tree: its sum, and each process."""
    each = " + ".join(f"{size:.0f}" for size in sizes)
    return f"{sum(sizes):.0f} MiB ({each})"


def excess(one: Measurement) -> str:
    """A sentence when a measurement breaks its budget."""
    budget = SCENARIOS[one.scenario].budget
    if one.connections == BUDGETED_AT and one.cpu_ms > budget:
        return f"{one.scenario}: {one.cpu_ms:.3f} CPU-ms of {budget} budgeted"
    if one.connections == TAIL_AT and one.p99_ms > TAIL_BUDGET * one.p50_ms:
        return (
            f"{one.scenario}: p99 {one.p99_ms:.1f} ms is more than {TAIL_BUDGET} times "
            f"p50 {one.p50_ms:.1f} ms at {TAIL_AT} connections"
        )
    return ""


TEXT_HEAD = (
    f"{'':19}{'conn':>5}{'req/s':>10}{'p50 ms':>9}{'p99 ms':>9}"
    f"{'CPU-ms: server + database = sum':>34}{'budget':>8}{'x WSGI':>9}{'x RSA':>9}"
)
MARKDOWN_HEAD = """\
| request | 1 connection: req/s · p50 · p99 ms | 16 | 64 \
| CPU-ms at 16: server + database | budget (goal) | bare WSGI requests |
|---|---|---|---|---|---|---|
"""
