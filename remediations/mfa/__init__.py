"""Enable MFA for privileged users."""
