"""Fakes of every port, for tests of your own as well as ours."""
