"""Live practice: the camera's pictures come in over a socket, what they mean goes back."""
