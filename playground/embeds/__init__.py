"""A run on other sites: in a frame, and as a picture beside a link."""
