"""Two runs side by side: their results, and the differences."""
