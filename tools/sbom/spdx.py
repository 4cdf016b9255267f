"""The bill of materials as SPDX 2.3 says it: https://spdx.github.io/spdx-spec/v2.3/"""

import hashlib
import json
import re
from datetime import datetime, timezone

DOCUMENT = "SPDXRef-DOCUMENT"
PROGRAM = "SPDXRef-capp-operator"


def document(program, parts, epoch):
    """The program {name, version, sha256} and its parts: relation → packages, `<relation>_OF` being the other way round.

    The same input gives the same text: its name space is made from its content.
    """
    packages = sorted({package for group in parts.values() for package in group})
    texts = {package.source: package.copyright_file.read_text(encoding="utf-8")
             for package in packages if package.licence is None}
    content = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": f"{program['name']}-{program['version']}",
        "creationInfo": {"created": datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                         "creators": ["Tool: capp-operator-sbom"]},
        "packages": [_program(program), *map(_package, packages)],
        "hasExtractedLicensingInfos": [
            {"licenseId": _reference(source), "name": f"copyright file of Debian's {source}", "extractedText": text}
            for source, text in sorted(texts.items())],
        "relationships": [_relationship(DOCUMENT, "DESCRIBES", PROGRAM), *_relationships(parts)],
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return content | {"documentNamespace": f"https://spdx.org/spdxdocs/{content['name']}-{digest[:32]}"}


def _id(package):
    return "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.-]", "-", package.name)


def _reference(source):
    return "LicenseRef-Debian-" + re.sub(r"[^A-Za-z0-9.-]", "-", source)


def _program(program):
    return {"SPDXID": PROGRAM, "name": program["name"], "versionInfo": program["version"],
            "supplier": "NOASSERTION", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "checksums": [{"algorithm": "SHA256", "checksumValue": program["sha256"]}],
            "licenseConcluded": "NOASSERTION", "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION",
            "primaryPackagePurpose": "APPLICATION"}


def _package(package):
    return {"SPDXID": _id(package), "name": package.name, "versionInfo": package.version,
            "supplier": "Organization: Debian", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "sourceInfo": f"built package from: {package.source} {package.source_version}",
            "licenseConcluded": "NOASSERTION", "licenseDeclared": package.licence or _reference(package.source),
            "licenseComments": f"{package.copyright_file} of Debian has the licences of all its files",
            "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": package.purl}]}


def _relationship(subject, relation, other):
    return {"spdxElementId": subject, "relationshipType": relation, "relatedSpdxElement": other}


def _relationships(parts):
    for relation, packages in parts.items():
        for package in sorted(packages):
            if relation.endswith("_OF"):
                yield _relationship(_id(package), relation, PROGRAM)
            else:
                yield _relationship(PROGRAM, relation, _id(package))
