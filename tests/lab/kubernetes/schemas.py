"""Makes JSON schemas for kubeconform: schemas.py OUT SWAGGER CRD...

SWAGGER is Kubernetes' own description of its kinds, each CRD a YAML file. A field that no schema names is refused, as the API server does with
fieldValidation=Strict.
"""

import json
import pathlib
import sys

import yaml


def strict(schema):
    """A CRD's schema as JSON schema: closed objects, whole numbers or texts where either is meant."""
    if isinstance(schema, list):
        return [strict(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    made = {key: strict(value) for key, value in schema.items()}
    if "properties" in made and "additionalProperties" not in made and not schema.get("x-kubernetes-preserve-unknown-fields"):
        made["additionalProperties"] = False
    return made


def inlined(schema, definitions):
    """A definition of the swagger with everything it refers to in it."""
    if isinstance(schema, list):
        return [inlined(it, definitions) for it in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return inlined(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if schema.get("format") == "int-or-string":
        return {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    made = {key: inlined(value, definitions) for key, value in schema.items()}
    if made.get("type") == "object" and "properties" in made and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return made


def write(out, kind, api, schema):
    group, _, version = api.rpartition("/")
    (out / f"{kind.lower()}-{group}-{version}.json").write_text(json.dumps(schema))


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    # Kinds a pipeline may bring along; the whole of Kubernetes would take minutes, and some of its kinds contain themselves.
    kinds = {"ConfigMap", "CronJob", "Deployment", "Job", "Role", "RoleBinding", "Secret", "Service", "ServiceAccount"}
    swagger = json.loads(pathlib.Path(sys.argv[2]).read_text())["definitions"]
    for definition in swagger.values():
        for of in definition.get("x-kubernetes-group-version-kind", []):
            if of["kind"] in kinds and of["version"] == "v1":
                write(out, of["kind"], "/".join(it for it in (of["group"], of["version"]) if it), inlined(definition, swagger))
    for path in sys.argv[3:]:
        for crd in yaml.safe_load_all(pathlib.Path(path).read_text()):
            spec = crd["spec"]
            for version in spec["versions"]:
                schema = strict(version["schema"]["openAPIV3Schema"])
                schema["properties"].update({"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}})
                write(out, spec["names"]["kind"], f"{spec['group']}/{version['name']}", schema)


main()
