"""Search: the indexed text, the query, and the two databases that answer it."""
