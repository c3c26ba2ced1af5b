"""CloudWatch Logs' filter patterns: which log events a subscription or a search is about.

    match = compile_filter('{ $.level = "ERROR" && $.status >= 500 }')
    match('{"level": "ERROR", "status": 503}')     # {}: it matches, and extracts nothing
    match("REPORT")                                # None

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from labkit.events.filter_pattern.compiler import Match, compile_filter
from labkit.events.filter_pattern.scanner import FilterPatternError

__all__ = ["FilterPatternError", "Match", "compile_filter"]
