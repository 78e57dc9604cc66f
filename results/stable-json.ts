/**
 * JSON with the keys of every object in alphabetical order, so that equal values have equal bytes. A number
 * without a JSON form is written as text: "Infinity" is "no limit" in a scenario, and must not become null.
 * Typed arrays become lists, maps and sets become lists of their entries.
 */
export function stableJson(value: unknown, indent = 0): string {
  return JSON.stringify(ordered(value), null, indent);
}

function ordered(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map || value instanceof Set) return [...value].map(ordered);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, ordered);
  if (Array.isArray(value)) return value.map(ordered);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
}
