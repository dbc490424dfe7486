"""Holds schemas/pipeline.schema.json against pipelines that the program itself has judged.

    python3 Tests/peers/check_schema.py REPOSITORY

The schema must be valid 2020-12, accept every pipelines/*.yaml and every fixture without an error, and reject every
fixture whose text has an error of structure: one that the words of the message tell by the rule below. Fixtures of kinds
that only tests have, fixtures that are not YAML, and texts that `${...}` would change are passed over.
Exit 0 when all is well, 1 with one line a fault, 2 when a package is missing. Needs check-jsonschema.
"""
import glob, json, os, re, sys

try:
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
    from regress import Regex, RegressError
    from ruamel.yaml import YAML
except ImportError as error:
    print(f"check_schema: {error}; pip install check-jsonschema")
    sys.exit(2)

# An error of structure can be told from the text alone: which keys there are, what form a value has.
STRUCTURAL = re.compile(
    r": error: (?:unknown key '.*' in (?!profile )"
    r"|stage '.*' has neither 'uses' nor 'run'$"
    r"|stage '.*' has both 'uses' and 'run'$"
    r"|'.*' stands only on a stage with '(?:run|uses)'$"
    r"|no stage kind is called '"
    r"|(?:the pipeline|an element of '.*'|output '.*'|input '.*') needs '"
    r"|(?:'[a-z_]+'|stage '.*'|output '.*'|an element of '.*'|an input|the pipeline) cannot be (?:a list|a mapping|empty|-?\d|the text )"
    r")", re.M)


def pattern(validator, pattern, value, schema):
    """JSON Schema's expressions are ECMA-262's, and Python's `re` knows no \\p{L}."""
    if validator.is_type(value, "string") and not Regex(pattern, "u").find(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


Validator = validators.extend(Draft202012Validator, {"pattern": pattern})
formats = FormatChecker()


@formats.checks("regex", raises=RegressError)
def is_regex(text):
    return not isinstance(text, str) or Regex(text, "u") is not None


def load(path):
    try:
        return YAML(typ="safe", pure=True).load(open(path, encoding="utf-8")), None
    except Exception as error:
        return None, error


def main():
    root = sys.argv[1]
    schema = json.load(open(f"{root}/schemas/pipeline.schema.json"))
    Draft202012Validator.check_schema(schema, format_checker=formats)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema", schema["$schema"]
    validator = Validator(schema)
    faults, accepted, rejected = [], 0, 0
    for path in sorted(glob.glob(f"{root}/pipelines/*.yaml")):
        value, error = load(path)
        for fault in validator.iter_errors(value):
            faults.append(f"{os.path.basename(path)}: {fault.message}"[:300])
        accepted += 1
    for path in sorted(glob.glob(f"{root}/Tests/*Tests/Fixtures/*.txt")):
        source = path[:-4] + ".yaml"
        said = open(path, encoding="utf-8").read()
        value, error = load(source)
        text = open(source, encoding="utf-8", errors="replace").read()
        name = "/".join(source.split("/")[-3:])
        if error or "clean.sample" in text or re.search(r"\$\{(params|env|matrix)\.", text):
            continue
        valid = validator.is_valid(value)
        if ": error: " not in said and not said.startswith("error: "):
            accepted += 1
            if not valid:
                faults.append(f"{name}: rejected: {next(validator.iter_errors(value)).message}"[:300])
        elif any(STRUCTURAL.search(line) for line in said.split("\n") if os.path.basename(source) + ":" in line):
            rejected += 1
            if valid:
                faults.append(f"{name}: accepted")
    for fault in faults:
        print(fault)
    print(f"check_schema: {accepted} to accept, {rejected} to reject, {len(faults)} faults")
    sys.exit(1 if faults or accepted < 5 or rejected < 5 else 0)


main()
