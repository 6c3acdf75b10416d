"""Languages: marking text for translation, and the message catalogues."""
