"""What calls a function: one module an event source, delivered by one dispatcher."""
