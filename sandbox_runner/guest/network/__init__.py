"""What the function reaches: loopback, and the scenario's peers by name. Standard library and siblings only."""
