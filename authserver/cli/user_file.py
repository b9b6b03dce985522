"""Read people from a file, one at a time: CSV (RFC 4180), JSON, or JSON Lines.

A file of any length needs the memory of its longest record.  What cannot be read is a
record with a fault, so that all faults of a file come out at once.
"""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import IO, Any, NoReturn

from authserver.core.newcomer import spelled
from authserver.core.user_import import Record
from authserver.errors import ConfigError

CHUNK = 64 * 1024
LONGEST_RECORD = 1024 * 1024
SUFFIXES = {".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json"}


def format_of(path: Path, chosen: str | None) -> str:
    """Say which format a file has.

    Raises:
        ConfigError: Its name does not tell.
    """
    found = chosen or SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise ConfigError("--format: csv or json; the name of the file does not tell.")
    return found


def records(file: IO[str], kind: str) -> Iterator[Record]:
    """Give the people of a file.

    Raises:
        ConfigError: It is no such file at all.
    """
    try:
        yield from from_csv(file) if kind == "csv" else from_json(file)
    except UnicodeDecodeError:
        raise ConfigError("The file is not UTF-8.") from None


def from_csv(file: IO[str]) -> Iterator[Record]:
    """Give the rows; the first line names the fields.

    Raises:
        ConfigError: It names none, or one that is not known.
    """
    head = file.readline(CHUNK)
    separator = ";" if head.count(";") > head.count(",") else ","
    try:
        names = next(csv.reader(StringIO(head), delimiter=separator), [])
    except csv.Error:
        names = []
    unknown = [name[:40] for name in names if spelled(name) is None]
    if not names or unknown:
        said = f": {', '.join(unknown)}" if unknown else ""
        raise ConfigError(f"Line 1 must name fields that are known{said}.")
    csv.field_size_limit(LONGEST_RECORD)
    rows = csv.reader(file, delimiter=separator, strict=True)
    line = 2
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as fault:
            yield Record(line, {}, f"is no row of a CSV file: {fault}")
        else:
            if len(row) == len(names):
                yield Record(line, dict(zip(names, row, strict=True)))
            elif row:
                why = f"has {len(row)} fields, the first line {len(names)}"
                yield Record(line, {}, why)
        line = rows.line_num + 2


def from_json(file: IO[str]) -> Iterator[Record]:
    """Give the objects of one array, or of one line each."""
    stream = Stream(file)
    is_array = stream.skip(" \t\r\n\ufeff") == "["
    if is_array:
        stream.take()
    while (first := stream.skip(" \t\r\n" + ("," if is_array else ""))) != "":
        if is_array and first == "]":
            return
        line = stream.line
        try:
            found = stream.value()
        except (ValueError, RecursionError) as fault:
            # Nobody can say where the next one begins.
            yield Record(line, {}, f"is no JSON, and ends the reading: {fault}"[:200])
            return
        if isinstance(found, dict):
            yield Record(line, found)
        else:
            yield Record(line, {}, "is no JSON object")
    if is_array:
        yield Record(stream.line, {}, "the array does not end")


class Stream:
    """Text that is read as far as it is needed, and forgotten behind."""

    def __init__(self, file: IO[str]) -> None:
        """Begin at line 1."""
        self.file = file
        self.text = ""
        self.at = 0
        self.line = 1
        self.decoder = json.JSONDecoder(parse_constant=_refuse_constant)

    def skip(self, characters: str) -> str:
        """Pass over these; give the character behind, or nothing at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in characters:
                self.take()
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def take(self) -> None:
        """Pass over one character."""
        self.line += self.text[self.at] == "\n"
        self.at += 1

    def value(self) -> Any:
        """Give the next value.

        Raises:
            ValueError: There is none, or one that is too long.
        """
        while True:
            try:
                found, end = self.decoder.raw_decode(self.text, self.at)
            except ValueError:
                if len(self.text) - self.at > LONGEST_RECORD or not self._more():
                    raise
                continue
            self.line += self.text.count("\n", self.at, end)
            self.at = end
            return found

    def _more(self) -> bool:
        chunk = self.file.read(CHUNK)
        self.text, self.at = self.text[self.at :] + chunk, 0
        return bool(chunk)


def _refuse_constant(word: str) -> NoReturn:
    """RFC 8259 §6 knows no NaN and no Infinity."""
    raise ValueError(word)
