"""Codes, findings, decisions, and the run folder that holds them."""
