"""The settings and their one reader of the environment.

``settings`` the table, over ``operation`` and ``rules`` · ``reader`` reads and checks
it · ``references`` finds secrets that a file refers to · ``origins`` says where each
comes from · ``__main__`` prints it.
"""

from authserver.config.reader import child_environment, export, load
from authserver.config.references import referred
from authserver.config.settings import TRIAL_PASSWORD, Settings
from authserver.config.urls import local_url

__all__ = [
    "TRIAL_PASSWORD",
    "Settings",
    "child_environment",
    "export",
    "load",
    "local_url",
    "referred",
]
