"""Which labels are wrong, how many, and how labels go wrong in these data."""
