"""What is the world really like? One file per outside system, its quirks as dated comments; adapters know no rule."""
