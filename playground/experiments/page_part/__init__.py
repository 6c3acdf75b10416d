"""The part of a result that pages are made from: how it is cut, what it leaves out, and how it is stored."""
