"""CPU time and memory of a process and all its descendants, from /proc.

Wall time on a shared machine is noise.  The CPU time that the kernel charged
to the processes is not, so it is what the budgets are written in.
"""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
KIB_PER_MIB = 1024


def cpu_seconds(root: int) -> float:
    """User and system time of the tree, with that of children already reaped."""
    ticks = 0
    for pid in tree(root):
        fields = _stat(pid)
        # utime, stime, cutime, cstime: proc(5) numbers them 14 to 17.
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS_PER_SECOND


def rss_mib(root: int) -> dict[int, float]:
    """Resident MiB of each process of the tree."""
    sizes = {}
    for pid in tree(root):
        for line in _lines(pid, "status"):
            if line.startswith("VmRSS:"):
                sizes[pid] = int(line.split()[1]) / KIB_PER_MIB
    return sizes


def tree(root: int) -> Iterator[int]:
    """The process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children.get(pid, [])


def _stat(pid: int) -> list[str]:
    """/proc/PID/stat after the name, which may hold spaces and brackets itself."""
    return "".join(_lines(pid, "stat")).rpartition(")")[2].split()


def _lines(pid: int, name: str) -> list[str]:
    """A file of /proc/PID; empty when the process has gone meanwhile."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return []
