"""A number of a refusal means one thing for ever: front ends branch on it (S4)."""

from collections import Counter

import authserver.errors
from authserver.errors import AuthError


def classes(of: type[AuthError]) -> list[type[AuthError]]:
    return [of, *(deep for each in of.__subclasses__() for deep in classes(each))]


def test_no_number_is_given_twice():
    assert authserver.errors.registry
    given = Counter(cls.number for cls in classes(AuthError) if "number" in vars(cls))
    assert [number for number, times in given.items() if times > 1] == []
