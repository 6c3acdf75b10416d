"""The code inside the sandbox: standard library and siblings only, relative imports.

Empty on purpose: the sandbox image contains this package alone, without its parent, so nothing here may import from
outside; the host imports only :mod:`.wire`.
"""
