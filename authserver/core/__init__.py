"""The rules of the house; imports no web framework.

Services are frozen dataclasses with their collaborators as fields.  Methods check
first and write last; nobody here commits.
"""
