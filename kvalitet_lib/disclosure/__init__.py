"""The only door out: what an audience may see is decided for the whole batch at once, then written to new files."""
