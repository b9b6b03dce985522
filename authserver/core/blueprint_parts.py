"""What a configuration file is made of: sections of entries, and what one would change.

A section joins one registry to the file: it names the entries as ``/v1/admin`` does,
and changes rows by the registry's own methods, so that rules and log are theirs.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from authserver.errors import AuthError, InvalidInput

Facts = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One thing as a file has it; ``index`` is its place in its section."""

    index: int
    facts: Facts


@dataclass(frozen=True)
class Change:
    """What happens to one thing; ``fields`` pairs what was with what is to be."""

    section: str
    key: str
    action: str
    """``create``, ``change`` or ``delete``."""
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Flaw:
    """Why an entry cannot stand; no ``index`` where the file does not name the thing."""

    section: str
    key: str
    said: str
    index: int | None = None
    field: str = ""


@dataclass
class Outcome:
    """What a file came to."""

    changes: list[Change] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    strangers: list[tuple[str, str]] = field(default_factory=list)
    """Section and key of what is kept here and not in the file."""
    secrets: dict[str, str] = field(default_factory=dict)
    """What was made for new clients, by ``client_id``: told once."""


class Section(ABC):
    """One registry in the file."""

    name: ClassVar[str]
    key: ClassVar[str]
    """The field by which an entry and a row are the same thing."""
    hidden: ClassVar[tuple[str, ...]] = ()
    """Fields whose values nobody is told."""
    leans_on: ClassVar[str | None] = None
    """The section that has to have an entry of the same key first."""

    @abstractmethod
    def rows(self) -> Iterable[Any]:
        """Give what operators keep here, in a stable order."""

    @abstractmethod
    def facts_of(self, row: Any) -> Facts:
        """Give a row as an entry that says everything."""

    def told(self, row: Any) -> Facts:
        """Give a row as an entry that says what is to be said, and no secret."""
        return terse(self.facts_of(row), keep=self.key)

    @abstractmethod
    def create(self, facts: Facts) -> None:
        """Add one, of facts that ``complete`` gave."""

    @abstractmethod
    def change(self, row: Any, facts: Facts) -> None:
        """Give a row all these facts."""

    @abstractmethod
    def delete(self, row: Any) -> None:
        """Remove one."""

    def complete(self, facts: Facts, row: Any | None) -> Facts:
        """Put in what an entry leaves out.

        Args:
            facts: The entry.
            row: What it is about, if that is there.

        Raises:
            InvalidInput: It cannot stand; each fault by field.
        """
        del row
        return facts

    def fold(self, key: str) -> str:
        """Write a key so that two spellings of one are equal."""
        return key

    def may_go(self, row: Any) -> bool:
        """Whether it may be removed for not being in a file."""
        del row
        return True


def differences(before: Facts, after: Facts) -> dict[str, tuple[Any, Any]]:
    """Pair what was with what is to be, where they differ."""
    names = dict.fromkeys((*after, *before))
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def flaws_of(why: AuthError, section: str, key: str, index: int | None) -> list[Flaw]:
    """Say of one entry all that a refusal says."""
    if not isinstance(why, InvalidInput) or not why.fields:
        return [Flaw(section, key, why.public, index)]
    return [
        Flaw(section, key, text, index, named)
        for named, texts in why.fields.items()
        for text in texts
    ]


def tidy(value: Any) -> Any:
    """Put names in order at every depth: databases keep objects in orders of their own."""
    if isinstance(value, Mapping):
        return {name: tidy(value[name]) for name in sorted(value)}
    return [tidy(one) for one in value] if isinstance(value, list) else value


def terse(facts: Facts, *, keep: str) -> Facts:
    """Leave out what says nothing: that is what stands where nothing is said."""
    return {
        name: tidy(value)
        for name, value in facts.items()
        if name == keep or not (value is None or value is False or value in ([], {}))
    }
