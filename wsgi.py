"""The application for any WSGI server: ``gunicorn wsgi:app``, ``granian wsgi:app``."""

from authserver.app import create_app
from authserver.config import load

app = create_app(load())
