"""The data engine: where a deployed model fails, similar rows of a pool, and the proof that their labels helped."""
