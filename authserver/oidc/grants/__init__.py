"""One file a grant type.  Each reads the form and calls the core once."""
