"""What do two jobs share? Attributing a lead, composing a mail, catching up with the world, and the like."""
