"""YAML as configuration files have it: data with the line of each thing, nothing else.

The words of YAML 1.2: ``no`` is a language and no refusal.  Tags, anchors and aliases
are refused, so a file makes no objects and grows no larger than it is.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_BYTES = 8 * 1024 * 1024
Path = tuple[str | int, ...]
_DEEPEST = 50
_CORE = "tag:yaml.org,2002:"
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Loader(yaml.BaseLoader):
    """Makes a tree of nodes, and nothing of the nodes."""


# Each is within what YAML 1.1 reads the same way, so that any tool agrees with us.
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?[0-9]+\.[0-9]*([eE][-+][0-9]+)?", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(
        f"{_CORE}{_tag}", re.compile(rf"^(?:{_pattern})$"), _first
    )


class _Dumper(yaml.SafeDumper):
    """Writes without aliases, lists one step in."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Set the items of a list below its name."""
        del indentless
        return super().increase_indent(flow, False)


def _written(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Write what is not printable as escapes: plain, some line ends would be lost."""
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar(f"{_CORE}str", text, style=style)


_Dumper.add_representer(str, _written)


@dataclass
class Tree:
    """What a file says, where it says it, and what is wrong with its form."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Give the line of a thing, or of what it would stand in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Tree:
    """Read a file; what it holds is there as far as it can be read."""
    tree = Tree()
    try:
        tree.faults += _strange(text)
        if not tree.faults:
            tree.value = _value(yaml.compose(text, Loader=_Loader), (), tree)
    except yaml.MarkedYAMLError as why:
        mark = why.problem_mark or why.context_mark
        tree.faults.append((mark.line + 1 if mark else 1, f"No YAML: {why.problem}."))
    except yaml.YAMLError:
        tree.faults.append((1, "No YAML: a character that must not be there."))
    return tree


def _strange(text: str) -> Iterator[tuple[int, str]]:
    documents = depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:  # reading on would take the square of the depth
            yield line, "Too deep."
            return
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            yield line, "One document is enough."
            return
        if getattr(event, "anchor", None):
            yield line, "Anchors and aliases are not taken."
        if getattr(event, "tag", None):
            yield line, "Tags are not taken."


def _value(node: yaml.Node | None, path: Path, tree: Tree) -> Any:
    if node is None:
        return None
    tree.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, (*path, i), tree) for i, one in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, tree)
    return _scalar(node, tree)


def _mapping(node: yaml.MappingNode, path: Path, tree: Tree) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            tree.faults.append((line, "A name must be text."))
            continue
        name = _text(key, tree)
        if name in found:
            tree.faults.append((line, f"{name[:60]!r} is here twice."))
        tree.lines[(*path, name)] = line
        found[name] = _value(value, (*path, name), tree)
    return found


def _scalar(node: yaml.ScalarNode, tree: Tree) -> Any:
    kind = node.tag.removeprefix(_CORE)
    try:
        if kind == "int":
            return int(node.value)
        if kind == "float":
            return _finite(node.value)
    except ValueError:
        tree.faults.append((node.start_mark.line + 1, "The number is too long."))
        return 0
    if kind == "bool":
        return node.value.lower() == "true"
    return None if kind == "null" else _text(node, tree)


def _finite(text: str) -> float:
    """Read a number that JSON can say."""
    if math.isinf(number := float(text)):
        raise ValueError
    return number


def _text(node: yaml.ScalarNode, tree: Tree) -> str:
    text = str(node.value)
    if "\x00" in text or _SURROGATE.search(text):
        tree.faults.append((node.start_mark.line + 1, "Not valid text."))
        return ""
    return text


def write(value: Any) -> str:
    """Write data so that ``read`` gives it back."""
    return yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=100,
    )
