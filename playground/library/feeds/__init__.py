"""Atom feeds of collections and teams: what stands in them, and the keys of those that are not for everybody."""
