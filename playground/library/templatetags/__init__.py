"""Template tags of the library, for other apps."""
