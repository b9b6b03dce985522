"""Take a log out of the house: who took what is itself written down."""

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from authserver.core.audit import Audit, EventTag
from authserver.core.logs import Logs, LogWanted


@dataclass(frozen=True)
class LogExport:
    """Gives whole logs, line by line."""

    logs: Logs
    audit: Audit

    def sign_ins(self, wanted: LogWanted, *, by: uuid.UUID) -> Iterator[Any]:
        """Give every line of the sign-in log that the filters leave."""
        self._record("sign-ins", wanted, by)
        return self.logs.all_sign_ins(wanted)

    def events(self, wanted: LogWanted, *, by: uuid.UUID) -> Iterator[Any]:
        """Give every line of the security log that the filters leave."""
        self._record("events", wanted, by)
        return self.logs.all_events(wanted)

    def _record(self, log: str, wanted: LogWanted, by: uuid.UUID) -> None:
        narrowed = {n: str(v) for n, v in asdict(wanted).items() if v is not None}
        self.audit.record(
            EventTag.LOG_EXPORTED, actor_id=by, log=log, narrowed=narrowed
        )
