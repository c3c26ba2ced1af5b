"""What runs inside an execution environment. These files are read by that process alone, never imported here."""
