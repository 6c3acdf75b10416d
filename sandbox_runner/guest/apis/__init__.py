"""The guest's HTTP servers inside the sandbox: the Runtime API and the metadata endpoint."""
