"""Whether a candidate may be released: a policy, its evaluation, the ledger of looks, and the policy's own error rates."""
