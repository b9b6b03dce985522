"""Pure primitives: bytes in, bytes out.

Nothing here asks for the time, reads a setting or touches the database.  The
one file that opens a file is `sealed`, to keep the key that seals all others.
"""
