"""How an alignment and flags agree with gold."""
