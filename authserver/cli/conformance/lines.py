"""What is looked at: one line for each sentence of a specification, and its mark."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from authserver.adapters.exchange import FetchFailed
from authserver.cli.conformance.probe import Probe
from authserver.core.client_grades import FAPI2, MCP, OAUTH21

OIDC = "OpenID Connect"
FAMILIES = (OIDC, OAUTH21, FAPI2, MCP)


class Mark(StrEnum):
    """How a line did."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


class Broken(Exception):
    """A line does not hold; the text says what was seen."""


class NotOffered(Exception):
    """What the line is about is switched off here."""


@dataclass(frozen=True)
class Line:
    """One line of the examination."""

    id: str
    source: str
    title: str
    families: tuple[str, ...]
    is_must: bool
    look: Callable[[Probe], None]


@dataclass(frozen=True)
class Outcome:
    """A line, and how it did."""

    line: Line
    mark: Mark
    said: str = ""


class Sheet(list[Line]):
    """The lines of one subject, in the order in which they stand in its file."""

    def line(
        self, id_: str, source: str, title: str, *families: str, is_must: bool = True
    ) -> Callable[[Callable[[Probe], None]], Callable[[Probe], None]]:
        """Add a line.

        Args:
            id_: A name that lasts.
            source: The sentence that demands it.
            title: What is demanded.
            families: The grades it counts for.
            is_must: False where the source says SHOULD.
        """

        def add(look: Callable[[Probe], None]) -> Callable[[Probe], None]:
            self.append(Line(id_, source, title, families, is_must, look))
            return look

        return add


def examine(probe: Probe, lines: Iterable[Line]) -> Iterator[Outcome]:
    """Look at every line; a server that cannot be asked has failed it."""
    for each in lines:
        try:
            each.look(probe)
        except NotOffered as why:
            yield Outcome(each, Mark.SKIP, str(why))
        except Broken as why:
            yield Outcome(each, Mark.FAIL if each.is_must else Mark.WARN, str(why))
        except (FetchFailed, KeyError, TypeError, ValueError) as fault:
            said = f"The answer could not be used ({type(fault).__name__}: {fault})."
            yield Outcome(each, Mark.FAIL, said)
        else:
            yield Outcome(each, Mark.PASS)


def demand(holds: object, seen: str) -> None:
    """Go on if it holds.

    Raises:
        Broken: It does not.
    """
    if not holds:
        raise Broken(seen)
