"""The clients: many keep-alive connections from one process of its own.

Each connection follows a script of `scenarios.py`: a generator that yields the
requests it wants sent and receives their answers, so that a flow of several
requests with its own state reads from top to bottom.  It yields REST after its
preparation and after each lap.  One epoll loop drives them all.

Run as `python -m bench.load`: a job comes as one JSON line on standard input;
when all connections are prepared and warm, the word "ready" goes out; a line in
starts the measurement, and the result comes as one JSON line.
"""

import json
import select
import socket
import sys
import time

from bench.messages import Response, WrongAnswer, decode, encode
from bench.scenarios import REST, SCENARIOS, Script, World

WARM_SECONDS = 0.5
STALLED_SECONDS = 30


class Connection:
    """One socket, and the script that speaks over it."""

    def __init__(self, script: Script, address: tuple[str, int]) -> None:
        self.script = script
        self.host = f"{address[0]}:{address[1]}"
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.lap_began = 0.0

    def resume(self, answer: Response | None) -> bool:
        """Give the script its answer and send what it asks next; False at rest."""
        request = self.script.send(answer)
        if request is REST:
            return False
        self.socket.sendall(encode(request, self.host))
        return True

    def receive(self) -> Response | None:
        """Read what has come; the answer once it is whole."""
        arrived = self.socket.recv(262_144)
        if not arrived:
            raise WrongAnswer("the server closed the connection")
        self.received += arrived
        answer = decode(self.received)
        if answer is not None:
            self.received = b""
        return answer


class Load:
    """All connections of one measurement."""

    def __init__(self, scripts: list[Script], address: tuple[str, int]) -> None:
        self.connections = [Connection(script, address) for script in scripts]
        self.errors: list[str] = []
        self.laps: list[float] = []
        self.elapsed = 0.0

    def run(self, seconds: float) -> None:
        """Lap after lap on every connection, until the time is over.

        No lap is cut: what was begun is finished and counted, so that the CPU time
        of the server divides by whole laps.
        """
        self.laps = []
        begun = time.perf_counter()
        busy: dict[int, Connection] = {}
        poll = select.epoll()
        for connection in self.connections:
            if self._begin_lap(connection):
                busy[connection.socket.fileno()] = connection
                poll.register(connection.socket, select.EPOLLIN)
        while busy:
            ready = poll.poll(STALLED_SECONDS)
            if not ready:
                raise TimeoutError(f"no answer within {STALLED_SECONDS} s")
            for number, _ in ready:
                if not self._step(busy[number], ends=begun + seconds):
                    poll.unregister(number)
                    del busy[number]
        poll.close()
        self.elapsed = time.perf_counter() - begun

    def _begin_lap(self, connection: Connection) -> bool:
        connection.lap_began = time.perf_counter()
        try:
            return connection.resume(None)
        except Exception as error:  # noqa: BLE001 -- a script may stumble in any way
            return self._give_up(connection, error)

    def _step(self, connection: Connection, ends: float) -> bool:
        """Take what came on one connection; False when it has nothing more to do."""
        try:
            answer = connection.receive()
            if answer is None or connection.resume(answer):
                return True
        except Exception as error:  # noqa: BLE001 -- over an answer it did not expect
            return self._give_up(connection, error)
        now = time.perf_counter()
        self.laps.append(now - connection.lap_began)
        return now < ends and self._begin_lap(connection)

    def _give_up(self, connection: Connection, error: Exception) -> bool:
        """A chain that broke cannot go on: count it and leave its connection."""
        self.errors.append(f"{type(error).__name__}: {error}")
        self.connections.remove(connection)
        return False


def percentile(ordered: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main() -> None:
    """Serve one job."""
    job = json.loads(sys.stdin.readline())
    world = World(**job["world"])
    script = SCENARIOS[job["scenario"]].script
    scripts = [script(world, number) for number in range(job["connections"])]
    load = Load(scripts, (world.host, world.port))
    load.run(0)  # to the first rest: signed in, tokens at hand
    load.run(WARM_SECONDS)
    print("ready", flush=True)
    sys.stdin.readline()
    load.run(job["seconds"])
    laps = sorted(load.laps) or [0.0]
    result = {
        "laps": len(load.laps),
        "seconds": load.elapsed,
        "p50_ms": percentile(laps, 0.50) * 1000,
        "p99_ms": percentile(laps, 0.99) * 1000,
        "errors": load.errors,
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
