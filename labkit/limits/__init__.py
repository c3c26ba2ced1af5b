"""Is this within Lambda's quotas, and if not, what does AWS answer? Pure: nothing is created, sent or unpacked.

The words of the answers are those that were recorded from AWS (November 2025) or reported by its users; a finding whose
words are only formed alike says so (`inferred`).
"""

from __future__ import annotations

from labkit.limits.configuration import check, check_layer_upload, check_package, check_together
from labkit.limits.finding import Finding, Findings, Refusal, refusal
from labkit.limits.invocation import check_concurrency, check_payload

__all__ = [
    "Finding", "Findings", "Refusal", "check", "check_concurrency", "check_layer_upload", "check_package",
    "check_payload", "check_together", "refusal",
]  # fmt: skip
