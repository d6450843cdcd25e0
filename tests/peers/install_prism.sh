#!/bin/sh
# Puts Prism and Twilio's published API description into build/peers, for tests/peers/test_prism.py. Needs npm.
# Quick when they are there already.
set -eu
prism=5.16.0
description=0.7.0

folder="$(cd "$(dirname "$0")/../.." && pwd)/build/peers"
mkdir -p "$folder"
cd "$folder"
if [ ! -f node_modules/@stoplight/prism-cli/dist/index.js ]; then
  npm install --no-save --no-audit --no-fund --loglevel=error "@stoplight/prism-cli@$prism"
fi
if [ ! -f twilio_api_v2010.json ]; then
  # The archive alone: of the package only this one file is wanted, not the server it holds.
  npm pack --silent "@twilio-alpha/mcp@$description" > /dev/null
  tar xzf "twilio-alpha-mcp-$description.tgz" package/twilio-oai/spec/json/twilio_api_v2010.json
  mv package/twilio-oai/spec/json/twilio_api_v2010.json .
  rm -r package "twilio-alpha-mcp-$description.tgz"
fi
echo "$folder"
