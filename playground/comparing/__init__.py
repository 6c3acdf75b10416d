"""Two runs side by side: what came of each, and what differs between them."""
