"""The moment at which the clock of an application in this process stands still."""

from datetime import UTC, datetime, time, timedelta

NOON = datetime.combine(datetime.now(UTC) + timedelta(days=1), time(12), UTC)
"""Tomorrow's: what a database dates by itself, and what a command wrote, came before."""

LATER = NOON + timedelta(days=40)
