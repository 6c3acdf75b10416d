"""The scenario's peers: TCP servers outside of every environment, and what each of them saw."""
