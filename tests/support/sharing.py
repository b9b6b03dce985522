"""How tests are shared among processes: a file on one database is one share.

The tests of a share use one server.  pytest puts all of one database before all of the
other, and shares keep that order: so a process starts each server once, and not once
for each file.
"""

from xdist.scheduler import LoadScopeScheduling

from tests.support.postgres import KINDS


class ByFileAndDatabase(LoadScopeScheduling):
    """Gives each process one file on one database at a time."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, rest = nodeid.partition("::")
        parameters = rest.partition("[")[2]
        kind = next((each for each in KINDS if each in parameters), "")
        return f"{path} {kind}"
