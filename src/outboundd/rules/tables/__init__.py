"""What does the world look like, as constants? Value tables for the rules; nothing here decides."""
