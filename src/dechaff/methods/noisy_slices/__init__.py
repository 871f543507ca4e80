"""Parts of the data whose labels cannot be trusted, in words that a person reads."""
