"""The Serve application graph and its typed builder."""
