#!/bin/sh
# Vectors from `isovec serve` with curl alone. ISOVEC_URL is where it listens; a server with keys wants
# `--header "authorization: Bearer $ISOVEC_API_KEY"` too.
set -eu
base="${ISOVEC_URL:-http://127.0.0.1:8080}"

post() {
  curl --silent --show-error --fail-with-body "$base$1" --header 'content-type: application/json' --data "$2"
  echo
}

# In the shape of OpenAI.
post /v1/embeddings '{"model": "sentence-transformers/all-MiniLM-L6-v2", "input": ["Bread is baked at dawn."]}'

# In isovec's own: with times, tokens, and which texts were cut.
post /embed '{"texts": ["Bread is baked at dawn.", "The river rose overnight."]}'

# Scores of texts against each other, without vectors.
post /similarity '{"a": ["When is bread baked?"], "b": ["Bread is baked at dawn.", "The river rose overnight."]}'
