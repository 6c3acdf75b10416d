"""Notes on runs: what they can be attached to, and who reads and changes them."""
