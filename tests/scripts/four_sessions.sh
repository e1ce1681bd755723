#!/bin/sh -e
for name in one two three four; do
  synk new -d -s "$name"
  synk wait -t "$name" --prompt --timeout 60
  synk send -t "$name" --enter "echo $name has \$((6 * 7))"
done
for name in one two three four; do
  synk wait -t "$name" --prompt --timeout 60
  synk capture -t "$name" | grep -x "$name has 42"
  synk kill "$name"
done
