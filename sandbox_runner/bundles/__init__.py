"""Code as people have it: a folder or a zip, of which everything is known by name and size before anything is read."""
