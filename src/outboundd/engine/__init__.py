"""How do the effects that must be right happen? The only way out for mail, the recorder, the runner of jobs, alerts."""
