"""What every backend promises, and the tools to hold it to that."""
