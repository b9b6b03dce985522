"""Configuration as code: what operators keep in the database, as one document.

A file is held against what is here, and what differs is changed by the registries'
own methods.  The caller keeps the transaction or drops it: a plan is an application
that is dropped, so the two can say nothing different.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.core.blueprint_clients import ClientSection
from authserver.core.blueprint_parts import (
    Change,
    Entry,
    Facts,
    Flaw,
    Outcome,
    Section,
    differences,
    flaws_of,
)
from authserver.errors import AuthError

HIDDEN = "(not shown)"


@dataclass(frozen=True)
class _Task:
    """A change that is to be made."""

    change: Change
    index: int | None
    run: Callable[[], None]
    leans_on: str | None = None


@dataclass(frozen=True)
class Blueprint:
    """Reads and writes configuration as one document."""

    db: scoped_session[DbSession]
    sections: Sequence[Section]
    clients: ClientSection

    def export(self) -> dict[str, list[Facts]]:
        """Give everything by section; no secret is in it.

        Things stand in the order of their keys, and say nothing of what stands where
        nothing is said.
        """
        found: dict[str, list[Facts]] = {}
        for section in self.sections:
            found[section.name] = sorted(
                map(section.told, section.rows()), key=_by(section)
            )
        return found

    def apply(
        self,
        wanted: Mapping[str, Sequence[Entry]],
        *,
        prune: bool = False,
        pictures: Mapping[str, bytes | None] | None = None,
    ) -> Outcome:
        """Make what is here as a document has it; with flaws, drop the transaction.

        Args:
            wanted: Entries by section.  A section that is absent is left alone.
            prune: Remove what the named sections do not have, except what is built in.
            pictures: What lies at each ``logo_uri``, as ``ClientLogos.fetch`` gives it.
        """
        self.clients.pictures = pictures or {}
        self.clients.secrets = {}
        outcome, removals, tasks = Outcome(), list[_Task](), list[_Task]()
        for section in self.sections:
            if section.name in wanted:
                gone, more = _compare(section, wanted[section.name], outcome)
                removals, tasks = [*gone, *removals], [*tasks, *more]
        if prune:
            self._note_orphans(wanted, outcome)
        _run([*removals, *tasks] if prune else tasks, outcome)
        outcome.secrets = dict(self.clients.secrets)
        if not outcome.flaws:
            self.db.flush()
        return outcome

    def _note_orphans(
        self, wanted: Mapping[str, Sequence[Entry]], outcome: Outcome
    ) -> None:
        """Refuse entries of what the same file takes away."""
        gone = set(outcome.strangers)
        for section in self.sections:
            for entry in wanted.get(section.name, ()) if section.leans_on else ():
                key = str(entry.facts[section.key])
                if (section.leans_on, key) in gone:
                    said = f"This is not in the {section.leans_on} of the file."
                    flaw = Flaw(section.name, key, said, entry.index, section.key)
                    outcome.flaws.append(flaw)


def _by(section: Section) -> Callable[[Facts], str]:
    return lambda facts: str(facts[section.key])


def _compare(
    section: Section, entries: Sequence[Entry], outcome: Outcome
) -> tuple[list[_Task], list[_Task]]:
    """List what would go from one section, and what comes to it or changes.

    What goes, goes first, and before what it leans on: that would take it along in
    silence.
    """
    rows = {section.fold(str(getattr(row, section.key))): row for row in section.rows()}
    tasks, seen = list[_Task](), set[str]()
    for entry in entries:
        key = str(entry.facts[section.key])
        if (folded := section.fold(key)) in seen:
            said = "This is here twice."
            flaw = Flaw(section.name, key, said, entry.index, section.key)
            outcome.flaws.append(flaw)
            continue
        seen.add(folded)
        try:
            tasks += _task(section, entry, rows.get(folded))
        except AuthError as why:
            outcome.flaws += flaws_of(why, section.name, key, entry.index)
    gone = [row for folded, row in rows.items() if folded not in seen]
    strangers = [row for row in gone if section.may_go(row)]
    outcome.strangers += [
        (section.name, str(getattr(row, section.key))) for row in strangers
    ]
    return [_removal(section, row) for row in strangers], tasks


def _task(section: Section, entry: Entry, row: Any | None) -> list[_Task]:
    facts, key = section.complete(entry.facts, row), str(entry.facts[section.key])
    before = section.facts_of(row) if row is not None else {}
    fields = differences(before, facts)
    fields |= {name: (HIDDEN, HIDDEN) for name in section.hidden if name in fields}
    leans_on = section.leans_on
    if row is None:
        change = Change(section.name, key, "create", fields)
        create = partial(section.create, facts)
        return [_Task(change, entry.index, create, leans_on)]
    change = Change(section.name, key, "change", fields)
    task = _Task(change, entry.index, partial(section.change, row, facts), leans_on)
    return [task] if fields else []


def _removal(section: Section, row: Any) -> _Task:
    change = Change(section.name, str(getattr(row, section.key)), "delete")
    return _Task(change, None, lambda: section.delete(row))


def _run(tasks: Sequence[_Task], outcome: Outcome) -> None:
    """Make the changes.

    One may stand in the way of another: a scope moves to an API when the one that had
    it lets go.  What is refused is tried again for as long as something else succeeds;
    the registries check before they write, so a refusal leaves nothing behind.
    """
    waiting, refusals = list(tasks), dict[int, AuthError]()
    while waiting:
        left = []
        for task in waiting:
            try:
                task.run()
            except AuthError as why:
                refusals[id(task)] = why
                left.append(task)
        if len(left) == len(waiting):
            break
        waiting = left
    flawed = {(flaw.section, flaw.key) for flaw in outcome.flaws}
    for task in waiting:
        one, root = task.change, (task.leans_on, task.change.key)
        if task.leans_on and {root, (one.section, one.key)} & flawed:
            continue  # the fault is named where it is
        flawed.add((one.section, one.key))
        outcome.flaws += flaws_of(refusals[id(task)], one.section, one.key, task.index)
    refused = {id(task) for task in waiting}
    outcome.changes += [task.change for task in tasks if id(task) not in refused]
