"""Holdover's emulator of the AWS Lambda execution environment: a library and a command line."""
