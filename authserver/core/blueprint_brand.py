"""The brand as a section of a file: one entry at most, since there is one deployment."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from authserver.adapters.picture import NotAPicture, redraw
from authserver.core.blueprint_parts import Facts, Section
from authserver.core.brands import LOGO_EDGE, TEXTS, Brands, check
from authserver.errors import InvalidInput

ID = "deployment"


@dataclass(frozen=True)
class Kept:
    """What is chosen here."""

    facts: Facts
    id: str = ID


class BrandSection(Section):
    """What operators chose over the settings; its logo stands in it, in base64."""

    name, key = "brand", "id"

    def __init__(self, registry: Brands) -> None:
        """Keep the registry."""
        self.registry = registry

    def rows(self) -> Iterable[Kept]:
        """Give it, if anything was chosen."""
        chosen = self.registry.chosen()
        said = {name: chosen[name] for name in (*TEXTS, "welcome") if chosen[name]}
        if chosen["logo"]:
            picture = self.registry.logo(chosen["logo"])
            said |= {"logo": base64.b64encode(picture).decode()} if picture else {}
        return [Kept(said)] if said else []

    def facts_of(self, row: Kept) -> Facts:
        """Give what was chosen, and nothing of what was not."""
        return {"id": row.id, **row.facts}

    def complete(self, facts: Facts, row: Kept | None) -> Facts:
        """Write texts and picture as they would be kept."""
        del row
        faults: dict[str, list[str]] = {}
        kept: Facts = {"id": ID}
        try:
            kept |= {name: value for name, value in check(facts).items() if value}
        except InvalidInput as why:
            faults |= why.fields
        try:
            kept |= {"logo": _drawn(facts["logo"])} if facts.get("logo") else {}
        except InvalidInput as why:
            faults |= why.fields
        if faults:
            raise InvalidInput("brand", fields=faults)
        return kept

    def create(self, facts: Facts) -> None:
        """Choose all of it."""
        self.registry.change(facts, by=None)
        logo = facts.get("logo")
        self.registry.change_logo(base64.b64decode(logo) if logo else None, by=None)

    def change(self, row: Kept, facts: Facts) -> None:
        """Choose other things."""
        del row
        self.create(facts)

    def delete(self, row: Kept) -> None:
        """Let the settings speak again."""
        del row
        self.create({})


def _drawn(logo: str) -> str:
    try:
        png = redraw(base64.b64decode(logo, validate=True), edge=LOGO_EDGE)
    except (binascii.Error, ValueError, NotAPicture) as why:
        said = ["Give a PNG, JPEG, GIF or WebP picture in base64."]
        raise InvalidInput(str(why), fields={"logo": said}) from None
    return base64.b64encode(png).decode()
