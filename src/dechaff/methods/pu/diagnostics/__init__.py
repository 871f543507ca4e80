"""What may be wrong with positive-unlabelled data or with what was estimated from them, in words; one file each."""
