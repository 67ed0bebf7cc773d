"""How the history's schema came to be, step by step."""
