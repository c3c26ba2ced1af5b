"""What moto's Lambda lacks: it refuses what Lambda refuses, and it invokes."""
