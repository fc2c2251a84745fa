"""What runs the pure core against the ports: a live camera, a recording, the recorder. No foreign library here."""
