"""What the benchmark of the motion gate is made of."""
