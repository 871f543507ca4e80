"""Labels made wrong on purpose, to measure what finds or survives them."""
