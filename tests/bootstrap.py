"""A runtime in a shell script, as functions of the OS-only runtimes bring one."""

SHELL = """#!/bin/sh
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
n=0
while :; do
  event=$(curl -sS -D /tmp/headers "$API/invocation/next")
  id=$(grep -i '^Lambda-Runtime-Aws-Request-Id:' /tmp/headers | tr -d '[:space:]' | cut -d: -f2)
  n=$((n + 1))
  echo "number $n"
  case "$event" in
    *raise*)
      curl -sS "$API/invocation/$id/error" -H 'Lambda-Runtime-Function-Error-Type: Greeting.Refused' \\
        -d '{"errorType": "Greeting.Refused", "errorMessage": "not today"}' ;;
    *exit*) exit 7 ;;
    *) curl -sS "$API/invocation/$id/response" \\
        -d "{\\"n\\": $n, \\"event\\": $event, \\"handler\\": \\"$_HANDLER\\", \\"here\\": \\"$PWD\\"}" ;;
  esac > /tmp/answer
done
"""
