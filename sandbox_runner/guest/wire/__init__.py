"""The wire: the messages between host and guest, and how they are framed.

The only part of the guest that the host imports.
"""
