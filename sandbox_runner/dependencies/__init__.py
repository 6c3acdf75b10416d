"""Packages for a function: locked and installed in a sandbox of their own, kept, and shown to its environments."""
