"""The team's knowledge base: search, tags, collections, and notes pinned to what they are about."""
