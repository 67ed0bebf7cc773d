"""The page in the browser. Everything it shows is made of ``posture.locales`` texts."""
