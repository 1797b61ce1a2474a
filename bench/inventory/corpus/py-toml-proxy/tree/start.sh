#!/bin/sh
exec python -m amber.server --config configs/proxy-tongyi.toml
