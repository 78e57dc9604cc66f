import { stringify } from 'yaml';

/** A plain value on one line, as a file would say it. */
export function inlineText(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
