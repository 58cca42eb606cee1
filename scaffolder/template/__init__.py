"""Golden paths: found, read, asked about, and rendered."""
