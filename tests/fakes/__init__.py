"""Stand-ins behind our own seams: the clock, and what makes sandboxes."""
