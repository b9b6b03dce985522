"""The cast of the conformance tests."""

from tests.support.cast import (  # noqa: F401 -- fixtures
    ada,
    browser,
    client,
    enrol_client,
    fapi_rp,
    folder,
    grace,
    other_rp,
    par_rp,
    post_client,
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
