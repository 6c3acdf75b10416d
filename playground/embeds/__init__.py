"""A run as other sites show it: in a frame of theirs, and as a picture beside a link."""
