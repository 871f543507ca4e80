"""The recipe on data that exceed the memory limit: the same steps, out of core, part by part."""
