"""Wrong boxes: overlooked, badly located, swapped."""
