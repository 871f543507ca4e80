"""Sources that need not fit into memory: rows in blocks, read one after the other, and written back the same way."""
