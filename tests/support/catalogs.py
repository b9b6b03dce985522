"""The words of the pages, gathered: templates, Python, and what refusals say.

``python -m tests.support.catalogs`` brings every ``messages.po`` up to date with the
sources and compiles it.  A sentence that was not there before comes in empty, and
``tests/web/test_catalogs.py`` fails until somebody has translated it.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from authserver import __version__
from authserver.core.role_catalogue import PERMISSIONS
from authserver.errors import registry

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "authserver" / "locale"
LANGUAGES = ("pt_BR", "zh_Hans_CN", "es", "ar")
METHODS = {
    "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")],
    "authserver": [("**.py", "python")],
}
ROOMS = ("core", "web", "console", "oidc")
"""Where Python says sentences to people, as plain literals that a face translates."""
OPERATORS = {
    "grant_rules.py",
    "app_link.py",
    "blueprint.py",
    "blueprint_brand.py",
    "blueprint_clients.py",
    "event_tokens.py",
    "flow_advice.py",
    "ssf.py",
    "stream_subjects.py",
    "streams.py",
    "client_documents.py",
    "client_keys.py",
    "client_members.py",
    "client_rules.py",
    "client_secrets.py",
    "clients.py",
    "detail_metadata.py",
    "detail_types.py",
    "initial_tokens.py",
    "keys.py",
    "registration.py",
    "resource_metadata.py",
    "resources.py",
}
"""Files of core whose sentences go to developers: commands, /v1, /register."""
SENTENCE = re.compile(r"[A-Z].* .*[.!?]")
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None, "lazy_ngettext": (1, 2)}


def template() -> Catalog:
    """Every sentence of the sources, untranslated, with the places it stands."""
    catalog = Catalog(project="authserver", charset="utf-8")
    for folder, methods in METHODS.items():
        found = extract_from_dir(ROOT / folder, methods, keywords=KEYWORDS)
        for file, _line, sentence, comments, context in found:
            place = (f"{folder}/{file}", 0)
            catalog.add(
                sentence, locations=[place], auto_comments=comments, context=context
            )
    for file, sentence in spoken():
        catalog.add(sentence, locations=[(file, 0)])
    for meaning in PERMISSIONS.values():
        catalog.add(meaning, locations=[("authserver/core/role_catalogue.py", 0)])
    for refusal in registry.values():
        place = (refusal.__module__.replace(".", "/") + ".py", 0)
        catalog.add(refusal.message, locations=[place])
    return catalog


def spoken() -> Iterator[tuple[str, str]]:
    """Give the sentences among Python's literals: capital letter, words, full stop.

    The details of refusals, which are for the log, begin with a small letter.
    """
    for room in ROOMS:
        for path in sorted((ROOT / "authserver" / room).rglob("*.py")):
            if path.name in OPERATORS:
                continue
            tree = ast.parse(path.read_text())
            nodes = list(ast.walk(tree))
            docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
            for node in nodes:
                said = node.value if isinstance(node, ast.Constant) else None
                if id(node) in docs or not isinstance(said, str):
                    continue
                if SENTENCE.fullmatch(said):
                    yield str(path.relative_to(ROOT)), said


def read(language: str) -> Catalog:
    """One language's catalog as it stands in the repository."""
    with (LOCALES / language / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, sentences: Catalog) -> None:
    """Merge the sources' sentences into a language, drop the dead, compile."""
    folder = LOCALES / language / "LC_MESSAGES"
    catalog = Catalog(locale=language)
    if (folder / "messages.po").exists():
        catalog = read(language)
    born = catalog.creation_date
    catalog.update(sentences, no_fuzzy_matching=True)
    catalog.creation_date = born  # no diff where no sentence changed
    catalog.obsolete.clear()
    catalog.header_comment = f"# The words of the pages in {language}."
    catalog.fuzzy = False
    catalog.project, catalog.version = "authserver", __version__
    catalog.last_translator = catalog.language_team = "authserver"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "messages.po").open("wb") as file:
        write_po(file, catalog, include_lineno=False, sort_output=True, width=88)
    compile_catalog(language)


def compile_catalog(language: str) -> None:
    """Write the .mo beside the .po."""
    with (LOCALES / language / "LC_MESSAGES/messages.mo").open("wb") as file:
        write_mo(file, read(language))


def main() -> None:
    """Update and compile every language, and say what is missing."""
    sentences = template()
    for language in LANGUAGES:
        update(language, sentences)
        empty = sum(1 for item in read(language) if item.id and not item.string)
        sys.stdout.write(f"{language}: {empty} of {len(sentences)} to translate\n")


if __name__ == "__main__":
    main()
