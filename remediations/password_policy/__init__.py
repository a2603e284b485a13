"""Configure a strong password policy for your users."""
