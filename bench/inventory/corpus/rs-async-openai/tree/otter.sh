#!/bin/sh
export OTTER_MODEL="grok-4-0709"
exec ./target/release/otter "$@"
