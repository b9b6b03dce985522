"""Every sentence of the pages, in every language: translated, whole, compiled."""

import io
import re

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo

from tests.support import catalogs

PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")

language = pytest.mark.parametrize("language", catalogs.LANGUAGES)


@pytest.fixture(scope="module")
def sentences():
    """What the sources say today."""
    return {message.id for message in catalogs.template() if message.id}


def forms(message: Message) -> list[str]:
    """Get the translations of a message: one, or one for each plural of the language."""
    if isinstance(message.string, str):
        return [message.string]
    return list(message.string)


def translated(language: str) -> list[Message]:
    return [message for message in catalogs.read(language) if message.id]


@language
def test_every_sentence_of_the_sources_is_in_the_catalog(language, sentences):
    known = {message.id for message in translated(language)}
    assert sentences - known == set()
    assert known - sentences == set(), "dead: run python -m tests.support.catalogs"


@language
def test_every_sentence_is_translated(language):
    plurals = catalogs.read(language).num_plurals
    for message in translated(language):
        assert all(form.strip() for form in forms(message)), message.id
        assert not message.fuzzy, message.id
        if message.pluralizable:
            assert len(forms(message)) == plurals, message.id


@language
def test_a_translation_names_what_the_sentence_names(language):
    """A singular or dual may say the number in words, as Arabic does; no more."""
    for message in translated(language):
        asked = message.id if message.pluralizable else (message.id,)
        wanted = sorted(PLACEHOLDER.findall(asked[-1]))
        said = [sorted(PLACEHOLDER.findall(form)) for form in forms(message)]
        assert said[-1] == wanted, message.id
        for names in said:
            spoken = (
                wanted if "num" not in wanted else [n for n in wanted if n != "num"]
            )
            assert names in (wanted, spoken), message.id


@language
def test_a_translation_formats(language):
    """Python's own formatting of each form: no stray percent sign, no wrong letter."""
    values = {"num": 3}
    for message in translated(language):
        for form in forms(message):
            names = {name: "x" for name in PLACEHOLDER.findall(form) if name}
            assert form % (names | values), message.id


@language
def test_the_compiled_catalog_is_the_written_one(language):
    compiled = io.BytesIO()
    write_mo(compiled, catalogs.read(language))
    folder = catalogs.LOCALES / language / "LC_MESSAGES"
    assert (folder / "messages.mo").read_bytes() == compiled.getvalue()
