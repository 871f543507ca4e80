"""Explore, baseline, improve, select, prove: the methods composed into one job."""
