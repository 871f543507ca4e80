"""The data engine: one folder, turn after turn."""
