"""Every incident of the gallery, played for real and held against what it says of itself."""
