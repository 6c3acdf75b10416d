"""One execution environment: its lifecycle, the link to its guest, its output, its identity."""
