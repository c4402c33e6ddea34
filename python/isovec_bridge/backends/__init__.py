"""What runs models: a contract, its implementations, and the choice between them."""
