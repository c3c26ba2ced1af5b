"""EventBridge: events that are put on a bus, the rules that want them, and the targets that get them."""
