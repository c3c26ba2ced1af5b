"""What happens at certain times: expressions, scheduled rules, and EventBridge Scheduler."""
