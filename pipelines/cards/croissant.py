"""Croissant 1.0 metadata with its part on responsible AI: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
and https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html.
"""

from __future__ import annotations

import json
from typing import Any

from tesuki.pipelines.cards.dataset_card import paths
from tesuki.pipelines.cards.facts import Facts
from tesuki.pipelines.cards.questions import Answers

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification recommends, appendix 1."""

COLUMNS = (
    ("id", "sc:Text", "The document's id, stable across runs and machines."),
    ("url", "sc:URL", "Where the page was captured."),
    ("date", "sc:Text", "When it was captured, ISO 8601 in UTC."),
    ("title", "sc:Text", "The page's own title."),
    ("text", "sc:Text", "The main text, mended."),
    ("level", "sc:Text", "What the document may be used for: L1, L2 or L3."),
    ("characters", "sc:Integer", "Characters of the text as extracted."),
)
"""Columns of documents that a loader reads; the others are described in docs/files.md of Tesuki."""


def croissant(facts: Facts, answers: Answers) -> str:
    """The metadata as JSON."""
    return json.dumps(_metadata(facts, answers), ensure_ascii=False, indent=2) + "\n"


def _metadata(facts: Facts, answers: Answers) -> dict[str, Any]:
    name = answers.stated("title") or str(facts.manifest["recipe"]["name"])
    stated = {
        "url": answers.stated("homepage"),
        "license": answers.stated("licence"),
        "citeAs": answers.stated("citation"),
        "datePublished": answers.stated("published"),
        "rai:dataUseCases": answers.stated("uses"),
        "rai:dataLimitations": answers.stated("limitations"),
        "rai:dataBiases": answers.stated("biases"),
        "rai:dataSocialImpact": answers.stated("social_impact"),
        "rai:personalSensitiveInformation": answers.stated("personal_data"),
        "rai:dataReleaseMaintenancePlan": answers.stated("maintenance"),
    }
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "description": answers.stated("description") or f"Japanese text, built by recipe {name}.",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "inLanguage": "ja",
        "version": _version(facts),
        **{field: value for field, value in stated.items() if value},
        "rai:dataCollection": (
            f"Web captures and documents of {len(facts.by_subset)} subsets ({', '.join(facts.by_subset)}), "
            f"{facts.manifest['balance']['read']} records read."
        ),
        "rai:dataCollectionType": ["Web Scraping"],
        "rai:dataCollectionTimeframe": [day for day in facts.captured if day],
        "rai:dataPreprocessingProtocol": _protocol(facts),
        "rai:dataManipulationProtocol": "Punctuation normalised, footers cut; each change is in the column edits.",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "folder",
                "name": "folder",
                "description": "The corpus' folder; manifest.json in it has the hash of each file.",
                "contentUrl": answers.stated("homepage") or ".",
                "encodingFormat": "git+https",
                "sha256": "https://github.com/mlcommons/croissant/issues/80",
            },
            *(
                {
                    "@type": "cr:FileSet",
                    "@id": f"documents-{subset}",
                    "name": f"documents-{subset}",
                    "containedIn": {"@id": "folder"},
                    "encodingFormat": "application/x-parquet",
                    "includes": paths(subset),
                }
                for subset in facts.by_subset
            ),
        ],
        "recordSet": [_record_set(subset) for subset in facts.by_subset],
    }


def _record_set(subset: str) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": subset,
        "name": subset,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{subset}/{column}",
                "name": f"{subset}/{column}",
                "description": description,
                "dataType": kind,
                "source": {"fileSet": {"@id": f"documents-{subset}"}, "extract": {"column": column}},
            }
            for column, kind, description in COLUMNS
        ],
    }


def _version(facts: Facts) -> str:
    """A semantic version without an order: the corpus is named by what it was made of."""
    return f"1.0.0+{facts.manifest['request_digest'][:12]}"


def _protocol(facts: Facts) -> list[str]:
    stations = facts.manifest["balance"]["stations"]
    return [f"{row['station']}: {row['arrived']} pages arrived, {row['passed']} passed" for row in stations]
