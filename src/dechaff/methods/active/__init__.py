"""What to label next: rows of a pool without labels, in the order in which their labels teach a model most."""
