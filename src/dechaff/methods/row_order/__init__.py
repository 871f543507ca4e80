"""Whether the order of the rows tells something about them."""
