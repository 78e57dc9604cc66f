import { isMapping } from '../is-mapping.ts';
import { text } from './field.ts';
import { mapping } from './mapping.ts';
import { read, scalar, show, wrong } from './scalar.ts';

const allowed = 'a mapping of values that the module understands';

/** A program of the user's own that adds to the cluster. */
export const moduleFile = mapping({
  path: text(
    'a JavaScript module (.js or .mjs) whose default export makes workloads; relative to the scenario',
  ),
  options: scalar<Readonly<Record<string, unknown>>>({
    means: 'what the module is called with',
    allowed,
    json: { type: 'object' },
    read: (input) => (isMapping(input) ? read(input) : wrong(`${show(input)} is no mapping`, allowed)),
    write: (value) => value,
  }).prefault({}),
});
