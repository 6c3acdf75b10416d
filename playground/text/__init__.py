"""Text on its way to a page: normalising, bounding, escaping, Markdown, diffs, JSON, labels."""
