"""The application for any WSGI server: ``gunicorn wsgi:app``, ``granian wsgi:app``."""

import sys

from authserver.app import create_app
from authserver.config import load
from authserver.errors import ConfigError
from authserver.models.migrations import require_current

FAILED_TO_BOOT = 3  # gunicorn does not start such a worker again

try:
    settings = load()
    require_current(settings)
    app = create_app(settings)
except ConfigError as fault:
    sys.stderr.write(f"authserver: {fault}\n")
    sys.exit(FAILED_TO_BOOT)
