"""What the handler's source says: its syntax, the lines that write state, names of process state. Pure."""
