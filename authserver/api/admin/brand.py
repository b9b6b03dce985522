"""Admin: the brand, what people see of this deployment."""

import base64
import binascii
from typing import Any

from authserver.api import actors
from authserver.api.endpoint import Answer, endpoint
from authserver.api.schemas import admin_brand as schemas
from authserver.api.versions import check_match, under
from authserver.core import contrast
from authserver.errors import InvalidInput, StaleVersion
from authserver.http import pages
from authserver.http.context import services


@endpoint(gives=schemas.BrandResponse, who="settings:read")
def show_brand() -> Answer:
    """Show the brand: what was chosen, what people see, and how legible it is."""
    return _told()


@endpoint(
    takes=schemas.BrandRequest,
    gives=schemas.BrandResponse,
    who="settings:update",
    refuses=(StaleVersion,),
)
def change_brand(**facts: Any) -> Answer:
    """Replace what was chosen; what is empty is as the settings say.

    Every page and letter shows it within seconds. `welcome` is a line above sign-in and
    sign-up, by language.
    """
    check_match(services().brands.version())
    services().brands.change(facts, by=actors.current().id)
    return _told()


@endpoint(takes=schemas.LogoRequest, gives=schemas.BrandResponse, who="settings:update")
def change_logo(image: str) -> Answer:
    """Put a logo in the place of the one before it."""
    try:
        picture = base64.b64decode(image, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(fields={"image": ["Send the picture in base64."]}) from None
    services().brands.change_logo(picture, by=actors.current().id)
    return _told()


@endpoint(who="settings:update")
def delete_logo() -> None:
    """Take the logo away: the name stands in its place, or the logo of the settings."""
    services().brands.change_logo(None, by=actors.current().id)


def _told() -> Answer:
    brands = services().brands
    chosen, version = brands.chosen(), brands.version()
    shown = brands.over(chosen)
    dark = shown.colour_dark or shown.colour

    return under(
        version,
        {
            "chosen": chosen,
            "shown": shown,
            "logo_url": pages.brand_logo(shown),
            "contrast": [
                contrast.look(shown.colour, "light"),
                contrast.look(dark, "dark"),
            ],
        },
    )


ROUTES = (
    ("GET", "/admin/brand", show_brand),
    ("PUT", "/admin/brand", change_brand),
    ("PUT", "/admin/brand/logo", change_logo),
    ("DELETE", "/admin/brand/logo", delete_logo),
)
