"""Explore: look at the data themselves, before any model does."""
