"""Parts of a row of the table of requests: its words, what made the request, what came of its answer in pieces."""
