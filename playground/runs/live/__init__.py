"""Live sessions of the product: opened from a page or the API, held by a worker, reached at an address of their own."""
