#!/bin/sh
# Starts a runtime by way of the function's AWS_LAMBDA_EXEC_WRAPPER, as the runtime's bootstrap does in Lambda.
# Arguments: the wrapper, then the command of the runtime.
if [ ! -f "$1" ]; then
    echo "$1: does not exist"
    exit 127
fi
if [ ! -x "$1" ]; then
    echo "$1: is not an executable"
    exit 126
fi
exec "$@"
