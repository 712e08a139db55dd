"""outboundd: one daemon that sends personal B2B mail and can say why."""
