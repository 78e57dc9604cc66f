// The program that `measureApart` starts: measure-one NAME
import { measureHere } from './measure.ts';
import { benchmarks } from './registry.ts';

const [, , name] = process.argv;
for (const entry of benchmarks) {
  if (entry.name === name) process.stdout.write(`${JSON.stringify(measureHere(await entry.load()))}\n`);
}
