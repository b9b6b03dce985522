"""Strict base schema, aliases of the seeds' spellings, trimmed strings, timestamps."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate


class Strict(Schema):
    """Unknown fields are refused by name.

    ``spellings`` lists what else a field may be called in a request (C13): the seeds
    write ``password`` and ``new_password``, ``email`` and ``identifier``.
    """

    spellings: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    class Meta:
        """Nothing passes unseen."""

        unknown = RAISE

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Take what is to be written from where it is, without trying both ways."""
        if isinstance(obj, dict):
            return obj.get(attr, default)
        return getattr(obj, attr, default)

    @pre_load
    def one_spelling(self, data: Any, **_: Any) -> Any:
        """Rename other spellings; two of one field at once are refused."""
        if not isinstance(data, Mapping):
            return data
        renamed = dict(data)
        for name, others in self.spellings.items():
            for other in others:
                if other in renamed:
                    if name in renamed:
                        raise ValidationError({other: [f"Send {name} alone."]})
                    renamed[name] = renamed.pop(other)
        return renamed


class Text(fields.String):
    """A string without NUL or lone surrogates, trimmed."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\x00" in text or any("\ud800" <= ch <= "\udfff" for ch in text):
            raise ValidationError("Not valid text.")
        for check in self.validators:
            if isinstance(check, validate.Length):
                check(text)  # as it came: what is published says nothing of trimming
        return text.strip()


class Secret(fields.String):
    """A password or token: taken as it is, never given back."""

    def __init__(self, **kwargs: Any) -> None:
        """Only ever load."""
        super().__init__(load_only=True, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\x00" in text or any("\ud800" <= ch <= "\udfff" for ch in text):
            raise ValidationError("Not valid text.")
        return text


class Flag(fields.Boolean):
    """True or false, and nothing that merely means it: 0 and "no" are refused."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Moment(fields.AwareDateTime):
    """ISO 8601 in UTC with ``Z``, to the second, as the seeds print it."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        if not isinstance(value, datetime):
            return None
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
