"""What runs inside the sandbox: standard library and siblings only, relative imports.

Empty on purpose: the sandbox image copies this package by itself, without its parent, so nothing here may reach
outside of it, and the host imports only :mod:`.wire` from it.
"""
