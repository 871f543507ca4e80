"""Where rows come from and go back to: files, frames, arrays and folders of images."""
