"""What requests and answers look like. Converted at once: no model of these travels inwards."""
