"""`authserver conformance`: the deployment examined from outside, as apps meet it.

``probe`` asks over HTTP · ``lines`` what is looked at, and how it is marked ·
``documents``, ``front_channel``, ``back_channel`` the lines · ``report`` the grades.
"""

from authserver.cli.conformance.command import conformance

__all__ = ["conformance"]
