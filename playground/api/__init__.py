"""The HTTP door for programs: JSON in, JSON out."""
