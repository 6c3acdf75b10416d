"""What the pages of staff show beside Django's own."""
