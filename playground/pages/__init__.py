"""Views and addresses of runs and experiments, and who gets to see them."""
