"""Generated experiments, to measure search and lists with."""
