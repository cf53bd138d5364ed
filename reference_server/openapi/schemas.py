"""Pydantic models as JSON schemas, as strict or as loose as the service takes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from reference_server.compat import Rules
from reference_server.models import COMPONENT_MARK, LOOSE_MARK, Body

Schema: TypeAlias = dict[str, Any]

REF = "#/components/schemas/"
_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""Pydantic leaves these names where a validator of ours stands between the bound and the type."""


def model_schemas(models: Iterable[type[BaseModel]], rules: Rules, prefix: str = "") -> dict[str, Schema]:
    """The components for *models* and for what they consist of, by name; each name begins with *prefix*."""
    found: dict[str, Schema] = {}
    for model in models:
        mode: Literal["validation", "serialization"] = "validation" if issubclass(model, Body) else "serialization"
        schema = model.model_json_schema(ref_template=f"{REF}{prefix}{{model}}", mode=mode)
        parts = {name: said(part, rules, prefix) for name, part in schema.pop("$defs", {}).items()}
        whole = said(schema, rules, prefix)
        parts[model.__name__] = _open(whole, rules) if issubclass(model, Body) else whole
        found |= {prefix + name: part for name, part in parts.items()}
    return dict(sorted(found.items()))


def reference(model: type[BaseModel], prefix: str = "") -> Schema:
    """A reference to the component of *model*."""
    return {"$ref": f"{REF}{prefix}{model.__name__}"}


def said(schema: Any, rules: Rules, prefix: str) -> Any:
    """*schema* without what strict services refuse, or with it and without our marks; titles are dropped, since they repeat the names."""
    if isinstance(schema, list):
        kept = [item for item in schema if rules.loose_types or not (isinstance(item, dict) and item.get(LOOSE_MARK))]
        return [said(item, rules, prefix) for item in kept]
    if not isinstance(schema, dict):
        return schema
    if COMPONENT_MARK in schema:
        return {"$ref": f"{REF}{prefix}{schema[COMPONENT_MARK]}"}
    made = {
        _BOUNDS.get(key, key): said(value, rules, prefix)
        for key, value in schema.items()
        if key != LOOSE_MARK and not (key == "title" and isinstance(value, str))
    }
    if isinstance(made.get("properties"), dict):  # a property may be called title
        made["properties"] = {name: said(value, rules, prefix) for name, value in schema["properties"].items()}
    if len(made.get("anyOf", ())) == 1:
        made |= made.pop("anyOf")[0]
    return made


def _open(schema: Schema, rules: Rules) -> Schema:
    """A request body: unknown keys are ignored; where types are loose, null counts as absent."""
    made = schema | {"additionalProperties": True}
    required = schema.get("required", ())
    if rules.loose_types:
        made["properties"] = {
            name: value if name in required else _or_null(value) for name, value in schema.get("properties", {}).items()
        }
    return made


def _or_null(schema: Schema) -> Schema:
    choices = schema.get("anyOf", ())
    if {"type": "null"} in choices or schema.get("default", 0) is None:
        return schema
    inner = {key: value for key, value in schema.items() if key not in {"default", "description"}}
    outer = {key: value for key, value in schema.items() if key in {"default", "description"}}
    return {"anyOf": [inner, {"type": "null"}], **outer}
