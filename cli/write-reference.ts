// `npm run docs:reference`: writes docs/reference.md and docs/reference/ from the program. Not a command of nseh.
import { mkdirSync, writeFileSync } from 'node:fs';
import { referencePages } from './reference-page.ts';

const docs = new URL('../docs/', import.meta.url);
mkdirSync(new URL('reference/', docs), { recursive: true });
for (const [path, text] of await referencePages()) writeFileSync(new URL(path, docs), text);
