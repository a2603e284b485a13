"""Get started using permissions with AWS managed policies."""
