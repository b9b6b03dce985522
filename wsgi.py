"""The application for any WSGI server: ``gunicorn wsgi:app``, ``granian wsgi:app``."""

from authserver.app import create_app
from authserver.config import load
from authserver.models.migrations import require_current

settings = load()
require_current(settings)
app = create_app(settings)
