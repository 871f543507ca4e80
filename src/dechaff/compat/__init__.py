"""Names of other libraries over the public functions."""
