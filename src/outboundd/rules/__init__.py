"""What may happen to a lead? Pure: values in, values out. Every business rule is in this folder and nowhere else."""
