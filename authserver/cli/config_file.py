"""A configuration file: its sections held to the schemas of ``/v1/admin``, fault by line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, ValidationError

from authserver.api.schemas.admin_brand import BrandEntry
from authserver.api.schemas.admin_detail_types import DetailTypeRequest
from authserver.api.schemas.admin_resources import ResourceRequest
from authserver.api.schemas.admin_roles import InstitutionRequest, RoleRequest
from authserver.api.schemas.admin_streams import StreamEntry
from authserver.cli import config_yaml
from authserver.cli.config_yaml import MAX_BYTES, Path, Tree
from authserver.config import referred
from authserver.core.blueprint_parts import Entry, Flaw
from authserver.errors import ConfigError

FORMAT = 1
HEAD = """\
# What operators keep in the database of this authorization server.
# `authserver config plan FILE` says what differs, `config apply FILE --yes` makes it so.
# No secret is in here; docs/configuration-as-code.md says how to refer to one.
"""
SCHEMAS: Mapping[str, Schema] = {
    "institutions": InstitutionRequest(),
    "roles": RoleRequest(exclude=("is_system_role",)),
    "resources": ResourceRequest(),
    "detail_types": DetailTypeRequest(),
    "brand": BrandEntry(),
    "streams": StreamEntry(),
}
CLIENTS, CLIENT_ID = "clients", "client_id"
SECRETS = {CLIENTS: "client_secret", "streams": "authorization_header"}
"""What a section takes by reference alone."""
NAMES = ("version", *SCHEMAS, CLIENTS)


@dataclass(frozen=True)
class Fault:
    """What is wrong, and on which line; none where the file does not name the thing."""

    line: int | None
    where: str
    said: str


@dataclass
class Document:
    """What a file asks for, as far as it can be read."""

    sections: dict[str, list[Entry]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)

    def blame(self, path: Path, said: str) -> None:
        """Add a fault at a place."""
        where = ".".join(str(step) for step in path)
        self.faults.append(Fault(self.tree.line(path), where, said))

    def located(self, flaws: Iterable[Flaw]) -> list[Fault]:
        """Give the faults of the form, and flaws with their lines, in order."""
        found = list(self.faults)
        for flaw in flaws:
            path: Path = (flaw.section, flaw.index or 0, flaw.field)
            line = None if flaw.index is None else self.tree.line(path)
            steps = (flaw.section, flaw.key, flaw.field)
            where = " ".join(step for step in steps if step)
            found.append(Fault(line, where, flaw.said))
        return sorted(found, key=lambda fault: fault.line or 0)


def read(raw: bytes) -> Document:
    """Read a file."""
    document = Document()
    if len(raw) > MAX_BYTES:
        said = f"The file is longer than {MAX_BYTES} bytes."
        document.faults.append(Fault(1, "", said))
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as why:
        line = raw.count(b"\n", 0, why.start) + 1
        document.faults.append(Fault(line, "", "This is not UTF-8."))
        return document
    document.tree = config_yaml.read(text)
    for line, said in document.tree.faults:
        document.faults.append(Fault(line, "", said))
    if document.tree.value is None and document.faults:
        return document
    _read_sections(document, document.tree.value)
    return document


def write(exported: Mapping[str, list[dict[str, Any]]]) -> str:
    """Write what ``Blueprint.export`` gave."""
    return HEAD + config_yaml.write({"version": FORMAT, **exported})


def _read_sections(document: Document, value: Any) -> None:
    if not isinstance(value, dict):
        document.blame((), f"Give sections: {', '.join(NAMES)}.")
        return
    if value.get("version", FORMAT) != FORMAT:
        document.blame(("version",), f"This server reads version {FORMAT}.")
    for name, entries in value.items():
        if name not in NAMES:
            document.blame((name,), f"No section; there are {', '.join(NAMES)}.")
        elif name != "version":
            document.sections[name] = list(_entries(document, name, entries))


def _entries(document: Document, section: str, value: Any) -> Iterator[Entry]:
    if not isinstance(value, list):
        document.blame((section,), "Give a list; [] is an empty one.")
        return
    for index, facts in enumerate(value):
        path: Path = (section, index)
        if not isinstance(facts, dict):
            document.blame(path, "Give names and values.")
            continue
        shape = _client if section == CLIENTS else _shaped
        taken = shape(document, path, _resolved(document, path, facts))
        if taken is not None:
            yield Entry(index, taken)


def _shaped(
    document: Document, path: Path, facts: dict[str, Any]
) -> dict[str, Any] | None:
    try:
        return dict(SCHEMAS[str(path[0])].load(facts))
    except ValidationError as why:
        for place, said in _leaves(why.messages, path):
            document.blame(place, said)
        return None


def _leaves(said: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Find the sentences; of a mapping they tell whether a name or its value is meant."""
    if isinstance(said, Mapping):
        for step, more in said.items():
            is_side = step in ("key", "value") and isinstance(more, list | Mapping)
            inner = path if is_side and len(path) > 2 else (*path, step)
            yield from _leaves(more, inner)
    else:
        for one in said if isinstance(said, list) else [said]:
            yield path, str(one)


def _client(
    document: Document, path: Path, facts: dict[str, Any]
) -> dict[str, Any] | None:
    """Take a client as it is, for the registry reads it member by member."""
    client_id = facts.get(CLIENT_ID)
    if not isinstance(client_id, str) or not client_id:
        document.blame((*path, CLIENT_ID), "Say which client this is.")
        return None
    return facts


def _resolved(document: Document, path: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Put the secret in that an entry refers to; nothing, if that leads nowhere."""
    name = SECRETS.get(str(path[0]))
    if name is None:
        return facts
    reference = facts.get(name)
    rest = {one: value for one, value in facts.items() if one != name}
    if reference is None:
        return rest
    try:
        return rest | {name: referred(str(reference))}
    except ConfigError as why:
        document.blame((*path, name), str(why))
        return rest
