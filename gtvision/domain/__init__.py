"""Values and errors. Standard library and numpy only; everything else stands on this floor."""
