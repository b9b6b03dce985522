"""How tests are shared among processes: a file on one database is one share.

The tests of a share use one server.  pytest puts all of one database before all of the
other, and shares keep that order: so a process starts each server once, and not once
for each file.  Within that, the longest come first, so that no process is left with one
of them at the end.
"""

from xdist.scheduler import LoadScopeScheduling

from tests.support.postgres import KINDS

LONGEST_FIRST = (
    "tests/journeys/",
    "tests/api/test_schemathesis.py",
    "tests/web/test_accessibility.py",
    "tests/rs/",
    "tests/interop/",
    "tests/conformance/",
    "tests/cli/",
)


def kind_of(nodeid: str) -> str:
    """Give the database that a test runs on, if it wants one."""
    parameters = nodeid.partition("[")[2]
    return next((each for each in KINDS if each in parameters), "")


def place_of(nodeid: str) -> tuple[int, int]:
    """Say when a test has its turn."""
    long = [n for n, path in enumerate(LONGEST_FIRST) if nodeid.startswith(path)]
    return ("", *KINDS).index(kind_of(nodeid)), min(long, default=len(LONGEST_FIRST))


class ByFileAndDatabase(LoadScopeScheduling):
    """Gives each process one file on one database at a time."""

    def _split_scope(self, nodeid: str) -> str:
        return f"{nodeid.partition('::')[0]} {kind_of(nodeid)}"
