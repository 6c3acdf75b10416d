"""A run from start to finish: the engine of a process, and the runner that plays one scenario."""
