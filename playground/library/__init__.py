"""The knowledge base: search, tags, collections, and notes."""
