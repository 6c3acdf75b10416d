"""The HTTP door for programs: JSON in, JSON out, described by an OpenAPI document."""
