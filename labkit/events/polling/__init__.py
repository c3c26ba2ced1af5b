"""What Lambda polls: queues and streams, by event source mappings."""
