"""Collections: what they hold, who sees it, and how editors change them."""
