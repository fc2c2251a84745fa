"""The product's own algorithms: pure, no I/O, the clock passed in."""
