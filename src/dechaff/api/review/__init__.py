"""The review of an audit: what its queue, rows and decisions are, for every surface."""
