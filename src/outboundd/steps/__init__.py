"""What do two jobs share? Attributing a lead and composing a mail."""
