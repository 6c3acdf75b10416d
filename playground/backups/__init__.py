"""One file with all that an installation keeps, and an installation out of such a file."""
