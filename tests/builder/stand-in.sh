#!/bin/sh
# Stands in for packer: says its version, and otherwise does what the scenario says. `await FILE` waits for a file;
# INTERRUPTED is what it prints when it is interrupted.
if [ "$1" = version ]; then
    printf '1,,version,%s\n' "${STAND_IN_VERSION:-1.6.6}"
    exit 0
fi
printf '%s\n' "$*" >>"$STAND_IN_ARGUMENTS"
await() {
    while ! [ -e "$1" ]; do
        # Nobody waits any more when the workshop is gone.
        [ -e "$STAND_IN_SCENARIO" ] || exit 1
        sleep 0.02
    done
}
interrupted() {
    printf '%s\n' "1,,ui,say,==> interrupted"
    eval "${INTERRUPTED:-exit 1}"
}
trap interrupted INT
. "$STAND_IN_SCENARIO"
