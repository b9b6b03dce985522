"""What the schemas find wrong, in the language of the caller.

marshmallow says it in English, with its numbers in the sentence: so they are taken out,
and the sentence is looked up without them.
"""

import re

from flask_babel import gettext, lazy_gettext

EXACT = (
    lazy_gettext("Missing data for required field."),
    lazy_gettext("Field may not be null."),
    lazy_gettext("Unknown field."),
    lazy_gettext("Invalid input type."),
    lazy_gettext("Not valid text."),
    lazy_gettext("Not a valid string."),
    lazy_gettext("Not a valid integer."),
    lazy_gettext("Not a valid boolean."),
    lazy_gettext("Not a valid list."),
    lazy_gettext("Not a valid mapping type."),
    lazy_gettext("Not a valid UUID."),
    lazy_gettext("Not a valid URL."),
    lazy_gettext("Not a valid date."),
    lazy_gettext("Not a valid datetime."),
)
"""Named here so that the catalogs have them; looked up as they come."""

WITH_NUMBERS = (
    (
        re.compile(r"Length must be between (?P<least>\d+) and (?P<most>\d+)\."),
        lazy_gettext("Length must be between %(least)s and %(most)s."),
    ),
    (
        re.compile(r"Longer than maximum length (?P<most>\d+)\."),
        lazy_gettext("Longer than maximum length %(most)s."),
    ),
    (
        re.compile(r"Shorter than minimum length (?P<least>\d+)\."),
        lazy_gettext("Shorter than minimum length %(least)s."),
    ),
    (
        re.compile(
            r"Must be greater than or equal to (?P<least>\S+) and less than or equal"
            r" to (?P<most>\S+)\."
        ),
        lazy_gettext("Must be between %(least)s and %(most)s."),
    ),
    (
        re.compile(r"Must be one of: (?P<choices>.+)\."),
        lazy_gettext("Must be one of: %(choices)s."),
    ),
    (
        re.compile(r"Send (?P<name>\w+) alone\."),
        lazy_gettext("Send %(name)s alone."),
    ),
)


def translate(said: str) -> str:
    """Give a sentence of a schema in the language of this request."""
    for pattern, sentence in WITH_NUMBERS:
        if match := pattern.fullmatch(said):
            return str(sentence) % match.groupdict()
    return str(gettext(said))
