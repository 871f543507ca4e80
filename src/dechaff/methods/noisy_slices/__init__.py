"""Parts of the data with unreliable labels, described in words."""
