"""Analyses the handler's source: syntax, lines that write state, names of process state. Pure."""
