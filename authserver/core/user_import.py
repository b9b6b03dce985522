"""Take over the people of another service, by the hundred, with the hashes they have.

A hash is kept as it is; at the next sign-in it is replaced by one of ours (C1).  All
lines are looked at, also after a fault; whether what was written is kept is decided by
whoever called, at the end.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import EventTag
from authserver.core.cpf import Cpfs
from authserver.core.newcomer import Newcomer, Reader
from authserver.crypto.blind_index import blind_index
from authserver.crypto.sealed import Sealer
from authserver.models import (
    Institution,
    Role,
    SecurityEvent,
    User,
    UserInstitution,
    UserRole,
)
from authserver.models.inserts import insert_into

BATCH = 500
TAKEN = "is taken already, here or on an earlier line"
HOME_ZONE: str = User.__table__.c.timezone.default.arg
UNIQUE = ("id", "email", "username", "phone", "cpf_index")


@dataclass(frozen=True)
class Record:
    """One person of a file; or why the line is none."""

    line: int
    given: Mapping[str, Any]
    fault: str = ""


@dataclass(frozen=True)
class LineFault:
    """What is wrong with one field of one line."""

    line: int
    field: str
    message: str


@dataclass
class Report:
    """What became of a file."""

    read: int = 0
    imported: int = 0
    faulty: int = 0
    faults: list[LineFault] = field(default_factory=list)
    hashes: dict[str, int] = field(default_factory=dict)
    with_second_factor: int = 0
    new_institutions: list[str] = field(default_factory=list)

    def refuse(self, line: int, *faults: tuple[str, str]) -> None:
        """Note the faults of a line."""
        self.faulty += 1
        self.faults += [LineFault(line, name, why) for name, why in faults]

    def count(self, one: Newcomer) -> None:
        """Note somebody who was added."""
        self.imported += 1
        kind = one.hash_kind or "none"
        self.hashes[kind] = self.hashes.get(kind, 0) + 1
        self.with_second_factor += one.totp_secret is not None


@dataclass(frozen=True)
class UserImport:
    """Adds people from records."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    sealer: Sealer
    cpfs: Cpfs

    def take(self, records: Iterable[Record]) -> Report:
        """Add everybody whose line is without fault, and report on every line.

        A batch at a time is in memory, whatever the length of the file.
        """
        report = Report()
        roles = {
            name.lower(): key
            for key, name in self.db.execute(select(Role.id, Role.name))
        }
        rows = iter(records)
        while batch := list(islice(rows, BATCH)):
            report.read += len(batch)
            good = list(self._checked(batch, roles, report))
            self._add(list(self._free(good, report)), roles, report)
            self.db.expunge_all()
        return report

    def _checked(
        self, batch: Iterable[Record], roles: Mapping[str, int], report: Report
    ) -> Iterator[Newcomer]:
        for record in batch:
            if record.fault:
                report.refuse(record.line, ("", record.fault))
                continue
            reader = Reader(record.line, record.given, roles=roles)
            found = reader.read()
            if found is None:
                report.refuse(record.line, *reader.faults)
            else:
                yield found

    def _free(self, good: list[Newcomer], report: Report) -> Iterator[Newcomer]:
        """Give those whose address, name, number and id nobody has."""
        taken = self._taken(good)
        for one in good:
            mine = {(name, value) for name, value in self._keys(one) if value}
            if lost := sorted(name for name, _ in mine & taken):
                report.refuse(one.line, *((name, TAKEN) for name in lost))
                continue
            taken |= mine
            yield one

    def _taken(self, good: list[Newcomer]) -> set[tuple[str, str]]:
        wanted: dict[str, list[Any]] = {name: [] for name in UNIQUE}
        for one in good:
            for name, value in self._keys(one):
                if value:
                    wanted[name].append(uuid.UUID(value) if name == "id" else value)
        columns = [getattr(User, name) for name in UNIQUE]
        found = self.db.execute(
            select(*columns).where(
                or_(*(getattr(User, name).in_(wanted[name]) for name in UNIQUE))
            )
        )
        return {
            (name, str(value).lower())
            for row in found
            for name, value in zip(UNIQUE, row, strict=True)
            if value is not None
        }

    def _keys(self, one: Newcomer) -> Iterator[tuple[str, str]]:
        yield "id", str(one.id)
        yield "email", one.email
        yield "username", (one.columns["username"] or "").lower()
        yield "phone", one.columns["phone"] or ""
        yield "cpf_index", self._index(one) or ""

    def _index(self, one: Newcomer) -> str | None:
        return blind_index(one.cpf, key=self.cpfs.keys[0]) if one.cpf else None

    def _add(
        self, good: list[Newcomer], roles: Mapping[str, int], report: Report
    ) -> None:
        if not good:
            return
        rows = [self._row(one) for one in good]
        # Somebody may sign up with one of these at this very moment.
        added = set(
            self.db.scalars(
                insert_into(self.db, User).on_conflict_do_nothing().returning(User.id),
                rows,
            )
        )
        there = []
        for one in good:
            if one.id in added:
                there.append(one)
                report.count(one)
            else:
                report.refuse(one.line, ("", TAKEN))
        self._join(there, roles, report)

    def _row(self, one: Newcomer) -> dict[str, Any]:
        now = self.clock.now()
        secret = one.totp_secret
        return {
            "language": self.settings.default_language,
            "timezone": HOME_ZONE,
            "created_at": now,
            **one.columns,
            "id": one.id,
            "email": one.email,
            "email_verified_at": now if one.columns["is_email_verified"] else None,
            "mfa_enabled": secret is not None,
            "mfa_secret": (
                self.sealer.seal(secret.encode(), one.id.bytes) if secret else None
            ),
            "cpf_sealed": self.cpfs.seal(one.id, one.cpf),
            "cpf_index": self._index(one),
            "updated_at": now,
        }

    def _join(
        self, there: list[Newcomer], roles: Mapping[str, int], report: Report
    ) -> None:
        now = self.clock.now()
        places = self._institutions(there, report)
        self._insert(
            UserRole,
            [
                {"user_id": one.id, "role_id": key, "assigned_at": now}
                for one in there
                for key in {roles[name.lower()] for name in one.roles}
            ],
        )
        self._insert(
            UserInstitution,
            [
                {"user_id": one.id, "institution_id": key, "created_at": now}
                for one in there
                for key in {places[code.lower()] for code in one.institutions}
            ],
        )
        self._insert(
            SecurityEvent,
            [
                {
                    "event": EventTag.USER_IMPORTED.value,
                    "user_id": one.id,
                    "facts": {"line": one.line, "hash": one.hash_kind},
                    "created_at": now,
                }
                for one in there
            ],
        )

    def _institutions(self, there: list[Newcomer], report: Report) -> dict[str, int]:
        """Give the keys of all institutions that are named; make those that lack."""
        named: dict[str, str] = {}
        for one in there:
            for code in one.institutions:
                named.setdefault(code.lower(), code)
        found = {
            code.lower(): key
            for key, code in self.db.execute(
                select(Institution.id, Institution.code).where(
                    Institution.code.in_(named.values())
                )
            )
        }
        for code in sorted(set(named) - set(found)):
            place = Institution(code=named[code], name=named[code])
            self.db.add(place)
            self.db.flush()
            found[code] = place.id
            report.new_institutions.append(place.code)
        return found

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.db.execute(insert_into(self.db, table), rows)
