"""The function in this sandbox: its files, processes, memory and output. Standard library and siblings only."""
