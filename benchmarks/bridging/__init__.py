"""What the benchmark of the bridge is made of."""
