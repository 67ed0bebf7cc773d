"""Everything that touches the world: files, video, the pose model, the user's folders."""
