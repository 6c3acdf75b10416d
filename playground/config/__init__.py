"""Configuration: environment variables, sign-in providers, and the checks that Django runs on them."""
