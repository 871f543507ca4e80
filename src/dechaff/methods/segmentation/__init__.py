"""Wrong labels of pixels, and of images by their pixels."""
