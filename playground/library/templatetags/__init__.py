"""Tags of the knowledge base for templates of other apps."""
