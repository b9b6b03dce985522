"""The cast of the tests of the protocol's wire."""

from tests.support.cast import (  # noqa: F401 -- fixtures
    ada,
    browser,
    enrol_client,
    faultless,
    folder,
    grace,
    other_rp,
    post_rp,
    public_rp,
    rp,
)
from tests.support.registering import (  # noqa: F401 -- fixtures
    guest,
    open_server,
    register,
    site,
    visitor,
)
