import { z } from 'zod';
import { scenarioFile } from './file/scenario-file.ts';
import { memoryPresets } from './presets/memory-presets.ts';
import { schemePresets } from './presets/scheme-presets.ts';
import { sweepFile } from './sweep-file.ts';

type Json = Record<string, unknown>;

/**
 * JSON Schema (draft 2020-12) of a scenario file, for editors: keys, kinds, words and defaults. Units and what
 * must hold across fields are checked by `nseh check` alone.
 */
export function scenarioJsonSchema(): Json {
  const schema = schemaOf(scenarioFile, 'nseh scenario');
  const schemes = inside(schema, 'properties', 'schemes', 'items');
  allowShortForms(schemes);
  addShortMemory(inside(schemes, 'properties'));
  addShortMemory(inside(schema, 'properties', 'migration_defaults', 'properties'));
  const scheme = inside(schema, 'properties', 'migrations', 'items', 'properties', 'scheme');
  scheme['examples'] = schemePresets.map((preset) => preset.scheme.name);
  return schema;
}

/** The same of a sweep file; what its paths may take is the scenario's, and checked by `nseh check` alone. */
export function sweepJsonSchema(): Json {
  return schemaOf(sweepFile, 'nseh sweep');
}

function schemaOf(file: z.ZodType, title: string): Json {
  const schema = z.toJSONSchema(file, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => describeField(zodSchema, jsonSchema as Json),
  });
  return { ...schema, title };
}

/** Puts our own notes about a field in the place of what zod knows of it. */
function describeField(zodSchema: z.core.$ZodTypes, jsonSchema: Json): void {
  const { json } = jsonSchema;
  if (typeof json === 'object') Object.assign(jsonSchema, json);
  for (const key of ['json', 'allowed', 'names', 'readOnly']) Reflect.deleteProperty(jsonSchema, key);
  const { def } = zodSchema._zod;
  if (def.type === 'default') jsonSchema['default'] = z.encode(def.innerType, def.defaultValue);
  if (def.type === 'prefault') jsonSchema['default'] = def.defaultValue;
}

/** A scheme based on another one may leave everything out. */
function allowShortForms(schema: Json): void {
  withoutRequired(schema);
  schema['required'] = ['name'];
  const properties = inside(schema, 'properties');
  properties['based_on'] = {
    type: 'string',
    description: 'a preset, or an earlier scheme of this file, of which this one changes some values',
    examples: schemePresets.map((preset) => preset.scheme.name),
  };
}

/** `memory:` may name a plan, or be based on one. */
function addShortMemory(properties: Json): void {
  const whole = inside(properties, 'memory');
  const names = memoryPresets.map((preset) => preset.name);
  const basedOn = { type: 'object', properties: { based_on: { enum: names } }, required: ['based_on'] };
  properties['memory'] = {
    description: 'how memory is copied: a plan by name, one based on such, or one spelled out',
    anyOf: [{ enum: names }, basedOn, whole],
  };
}

function withoutRequired(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('required' in schema && Array.isArray(schema.required)) delete schema.required;
  for (const part of Object.values(schema) as unknown[]) withoutRequired(part);
}

/** The mapping at a path of keys; an empty one where there is none. */
function inside(schema: Json, ...keys: readonly string[]): Json {
  let found: Json = schema;
  for (const key of keys) {
    const next = found[key];
    found = typeof next === 'object' && next !== null ? (next as Json) : {};
  }
  return found;
}
