"""What stands between the core and the world outside.

Mail, counters, other people's servers, lists that others made: each adapter hides one
of them behind a few methods, and fails in a way the core can live with.
"""
