"""What the benchmarks of accuracy share: runs over simulated traffic, a stand-in for the detector, identities."""
