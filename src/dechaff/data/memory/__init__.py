"""Data in memory: frames of each library, arrays and lists, given back as what they were."""
