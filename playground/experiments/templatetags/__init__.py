"""What templates need to show texts."""
