#!/usr/bin/env python3
"""Makes a profile's data file from a connector's own configuration definition.

Input: a JSON object with "version" and "configs", each config with name, type, default and required, as `GET /connector-plugins/<class>/config` of
Kafka Connect answers them (wrapped with the version). Only names, types, defaults, legal values and whether a key is required are kept:
descriptions are their authors' text and stay out of this repository.

Use: tools/profile-data.py definition.json > src/profiles/data/<name>.json
"""
import json
import sys

definition = json.load(open(sys.argv[1], encoding="utf-8"))
keys = {}
for config in sorted(definition["configs"], key=lambda config: config["name"]):
    entry = {"type": config.get("type", "STRING")}
    if config.get("default") is not None:
        entry["default"] = config["default"]
    if config.get("valid_values"):
        entry["values"] = config["valid_values"]
    if config.get("required"):
        entry["required"] = True
    keys[config["name"]] = entry
json.dump({"version": definition.get("version"), "keys": keys}, sys.stdout, indent=1, sort_keys=True, ensure_ascii=False)
print()
