#!/usr/bin/env bash
# A gate in a build: fails if the training data have too many problems. Usage: check_data.sh FILE LABEL
set -euo pipefail

# Exit code 0: all gates passed; 1: a gate failed; 2: the file or the command is wrong.
dechaff audit "$1" --label "$2" --out "${RUN_FOLDER:-audit.dechaff}" --quiet \
    --fail-on L001:5% \
    --fail-on L002 \
    --fail-on D001:1% \
    --fail-on F002
