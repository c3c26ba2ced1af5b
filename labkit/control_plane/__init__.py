"""Lambda's API: what it refuses, what it keeps, and what it answers."""
