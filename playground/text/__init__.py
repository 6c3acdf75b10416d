"""Text for display: normalising, bounding, escaping, Markdown, diffs, JSON, labels."""
