"""Every way in which a fix rewrites policies, judged by the naive evaluator, request by request."""
