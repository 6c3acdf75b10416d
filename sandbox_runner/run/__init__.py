"""A run from beginning to end: the engine that a process keeps, and the runner that plays one scenario."""
