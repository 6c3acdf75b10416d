"""The scenario's peers: TCP servers outside every environment, and records of what each of them saw."""
