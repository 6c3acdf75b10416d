"""What the guest serves over HTTP inside the sandbox: the Runtime API and the metadata endpoint."""
