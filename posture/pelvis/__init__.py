"""What the pelvis does: calibration, tilt, rotation, lift, stance, and when not to say."""
