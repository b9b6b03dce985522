"""A page as a person without JavaScript has it: elements by id, and forms that can be sent.

Only the standard library reads the HTML.  A form is sent as the HTML standard
says ("constructing the entry list"): controls that have a name and are not
disabled, ticked boxes only, and of the buttons the one that was pressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from html.parser import HTMLParser

VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()
)
BUTTONS = frozenset({"submit", "image", "button", "reset"})


class Element:
    """One element: its tag, attributes and what stands inside it."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None):
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.children: list[Element | str] = []

    def __repr__(self) -> str:
        return f"<{self.tag} {self.attributes}>"

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def has(self, name: str) -> bool:
        return name in self.attributes

    @property
    def text(self) -> str:
        """What can be read, with the white space of the source folded."""
        if self.tag in ("script", "style"):
            return ""
        parts = (c if isinstance(c, str) else c.text for c in self.children)
        return " ".join(" ".join(parts).split())

    @property
    def raw(self) -> str:
        return "".join(c for c in self.children if isinstance(c, str))


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#document", {}, None)
        self.here = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes: dict[str, str] = {}
        for name, value in attrs:
            attributes.setdefault(name, value or "")
        element = Element(tag, attributes, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        element: Element | None = self.here
        while element is not None and element.tag != tag:
            element = element.parent
        if element is not None and element.parent is not None:
            self.here = element.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


class Form:
    """A form of the page, with what has been typed into it."""

    def __init__(self, element: Element, controls: list[Element]):
        self.element = element
        self.controls = controls
        self.action = element.get("action")
        self.method = (element.get("method") or "get").lower()

    @property
    def names(self) -> set[str]:
        return {c.get("name") for c in self.controls if c.get("name")}

    def entries(self, pressed: Element | None) -> list[tuple[str, str]]:
        """The pairs that a browser would send when this button is pressed."""
        found: list[tuple[str, str]] = []
        for control in self.controls:
            name, kind = control.get("name"), control.get("type").lower()
            if not name or control.has("disabled"):
                continue
            if _is_button(control):
                if control is pressed:
                    found.append((name, control.get("value")))
            elif kind in ("checkbox", "radio"):
                if control.has("checked"):
                    found.append((name, control.get("value", "on")))
            elif control.tag == "select":
                found.extend((name, value) for value in _chosen(control))
            elif control.tag == "textarea":
                found.append((name, control.attributes.get("value", control.raw)))
            else:
                found.append((name, control.get("value")))
        return found


class Document:
    """A page, parsed when somebody looks into it: most are only passed through."""

    def __init__(self, html: str):
        self.html = html

    @cached_property
    def root(self) -> Element:
        builder = _Builder()
        builder.feed(self.html)
        builder.close()
        return builder.root

    @cached_property
    def elements(self) -> list[Element]:
        return list(self.root.walk())

    @cached_property
    def forms(self) -> list[Form]:
        forms = (e for e in self.elements if e.tag == "form")
        return [Form(e, self._controls_of(e)) for e in forms]

    def find(self, id_: str) -> Element | None:
        matches = [e for e in self.elements if e.get("id") == id_]
        assert len(matches) < 2, f"id {id_!r} stands twice in the page"
        return matches[0] if matches else None

    def get(self, id_: str) -> Element:
        element = self.find(id_)
        assert element is not None, f"no element {id_!r} in: {self.root.text[:400]}"
        return element

    def all(self, tag: str) -> list[Element]:
        return [e for e in self.elements if e.tag == tag]

    def form_of(self, control: Element) -> Form:
        for form in self.forms:
            if any(c is control for c in form.controls):
                return form
        raise AssertionError(f"{control} belongs to no form")

    def _controls_of(self, form: Element) -> list[Element]:
        """The controls inside, and those that name the form from elsewhere."""
        inside = {id(e) for e in form.walk()}
        return [
            e
            for e in self.elements
            if e.tag in ("input", "button", "select", "textarea")
            and (
                e.get("form") == form.get("id", "\0")
                if e.has("form")
                else id(e) in inside
            )
        ]


def _is_button(control: Element) -> bool:
    return control.tag == "button" or (
        control.tag == "input" and control.get("type").lower() in BUTTONS
    )


def _chosen(select: Element) -> list[str]:
    options = [e for e in select.walk() if e.tag == "option"]
    chosen = [o for o in options if o.has("selected")]
    if not chosen and not select.has("multiple"):
        chosen = options[:1]
    return [o.get("value") if o.has("value") else o.text for o in chosen]
