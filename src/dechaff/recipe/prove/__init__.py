"""Prove: is a model trained on the improved rows better on sealed rows?"""
