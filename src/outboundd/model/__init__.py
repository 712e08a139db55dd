"""What are the things this program talks about? Frozen values only; nothing here does anything."""
