"""Views and addresses of runs and experiments."""
