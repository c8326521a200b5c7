"""A description made ready for the generator: the ids of the server, the rules of names, links."""

import re

NAME = "^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$"
FINGERPRINT = "^[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?$"
UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$"
# A CycloneDX document of one package, compressed.
SBOM = "KLUv/QBo5QIAUkYUFpDpGoDxJUgiIItYxpygJYIfhJjcWQlN0hwA6OXecrpBFT9fquhy73Sb184g6Wpji3JCyT5I+SwA6HSUrtJmsDbr54NoUT52h9NWQSoLKNdMAgDuipcPMfU="
BLOCK = 'provisioner "shell-local" {\n  inline = ["true"]\n}\n'


def text(pattern):
    return {"type": "string", "pattern": pattern}


def one_of(*values):
    """Mostly one of these, sometimes any text."""
    return {"type": "string", "anyOf": [{"enum": list(values)}, {"enum": list(values)}, {"maxLength": 40}]}


# What a published description does not say of the fields of requests. Without it nearly every request would
# be refused for its names, and nothing behind them would be reached.
FIELDS = {
    "block_content": one_of(BLOCK),
    "component_type": text(NAME),
    "compressed_sbom": one_of(SBOM),
    "description": {"type": "string", "maxLength": 60},
    "fingerprint": text(FINGERPRINT),
    "labels": {"type": "object", "maxProperties": 5, "additionalProperties": {"type": "string", "maxLength": 40}},
    "name": text(NAME),
    "packer_run_uuid": text(UUID),
    "platform": text(NAME),
    "revoke_in": text("^[1-9][0-9]{0,3}[smh]$"),
    "source_channel": one_of("prod", "staging"),
    "target_channel": one_of("prod", "staging"),
    "update_mask": one_of("versionFingerprint", "restricted", "featureTier", "activated", "name", "labels"),
    "version": text(NAME),
    "version_fingerprint": text(FINGERPRINT),
}

# Fields without which a request to make something says nothing.
NEEDED = {
    "CreateBucketBody": ["name"],
    "CreateVersionBody": ["fingerprint"],
    "CreateBuildBody": ["component_type", "packer_run_uuid"],
    "CreateChannelBody": ["name"],
    "CreateEnforcedBlockBody": ["name", "version", "block_content"],
    "CreateEnforcedBlockVersionBody": ["version", "block_content"],
    "UploadSbomBody": ["compressed_sbom", "format"],
    "CreateServicePrincipalBody": ["name"],
    "CreatePrincipalBody": ["name"],
    "CreateProjectBody": ["name"],
}

# Operations that make something: the parameter of other paths, and where the answer has its value.
MAKERS = {
    "PackerService_CreateBucket": ("bucket_name", "bucket/name"),
    "PackerService_CreateVersion": ("fingerprint", "version/fingerprint"),
    "PackerService_CreateBuild": ("build_id", "build/id"),
    "PackerService_CreateChannel": ("channel_name", "channel/name"),
    "PackerService_UploadSbom": ("sbom_name", "sbom/name"),
    "PackerService_CreateEnforcedBlock": ("enforced_block_id", "enforced_block/id"),
    "PackerService_CreateEnforcedBlockVersion": ("enforced_block_version_id", "enforced_block_version/id"),
    "ServicePrincipalsService_CreateServicePrincipal": ("resource_name", "service_principal/resource_name"),
    "CreatePrincipal": ("name", "principal/name"),
    "RotateSecret": ("id", "principal/secrets/0/id"),
    "CreateProject": ("project", "project/id"),
}


def prepared(document, organization, project):
    """The description for the server whose organization and project these are."""
    narrow(document, {"organization": organization, "project": project})
    # The generator takes a dot in a path parameter for an access to a member.
    document["paths"] = {underscored(path): methods for path, methods in document["paths"].items()}
    name_rules(document)
    link(document)
    return document


def underscored(path):
    return re.sub(r"\{[^}]*\}", lambda name: name[0].replace(".", "_"), path)


def narrow(value, ids):
    """Paths lead to this server's project: all others would be answered with 404."""
    if isinstance(value, list):
        for item in value:
            narrow(item, ids)
    if not isinstance(value, dict):
        return
    if value.get("in") == "path" and isinstance(value.get("schema"), dict):
        value["name"] = value["name"].replace(".", "_")
        for kind, known in ids.items():
            if value["name"].endswith(f"{kind}_id"):
                value["schema"] = {"type": "string", "enum": [known]}
        if value["name"] == "parent_resource_name":
            value["schema"] = one_of(f"project/{ids['project']}")
    # A time that is not set is null.
    if value.get("format") == "date-time":
        value["nullable"] = True
    for item in value.values():
        narrow(item, ids)


def name_rules(document):
    for name, schema in document["components"]["schemas"].items():
        if not name.endswith(("Body", "Request")):
            continue
        for field, known in schema.get("properties", {}).items():
            if field in FIELDS and known.get("type") == FIELDS[field]["type"]:
                schema["properties"][field] = FIELDS[field]
        for suffix, needed in NEEDED.items():
            if name.endswith(suffix) and set(needed) <= set(schema.get("properties", {})):
                schema["required"] = needed


def link(document):
    """What was made is used: by every operation whose path has a parameter for it."""
    operations = {
        operation["operationId"]: (operation, path_parameters(document, operation))
        for methods in document["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    for maker, (parameter, pointer) in MAKERS.items():
        if maker not in operations:
            continue
        operation, own = operations[maker]
        links = operation["responses"]["200"].setdefault("links", {})
        for target, (_, wanted) in operations.items():
            if parameter in wanted:
                values = {name: f"$request.path.{name}" for name in own if name in wanted}
                values[parameter] = f"$response.body#/{pointer}"
                links[target] = {"operationId": target, "parameters": values}


def path_parameters(document, operation):
    found = []
    for parameter in operation.get("parameters", []):
        if "$ref" in parameter:
            parameter = document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
        if parameter.get("in") == "path":
            found.append(parameter["name"])
    return found
