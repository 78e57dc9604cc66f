import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { projectFile } from './project-file.ts';

test('finds a file of the project from its sources', () => {
  expect(existsSync(projectFile('results/reference/golden-qemu.json.gz'))).toBe(true);
});

test('finds the same file from the built program, which lies in dist/', () => {
  expect(projectFile('results/reference/costs.json', 'file:///p/dist/results/project-file.js')).toBe(
    '/p/results/reference/costs.json',
  );
  expect(projectFile('results/reference/costs.json', 'file:///p/results/project-file.ts')).toBe(
    '/p/results/reference/costs.json',
  );
});
