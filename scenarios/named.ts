import { ScenarioError } from '../sim/assert.ts';

/** The thing of that name; a scenario names only what it defines. */
export function named<T>(things: ReadonlyMap<string, T>, name: string): T {
  const thing = things.get(name);
  if (thing === undefined) {
    throw new ScenarioError([
      { place: name, message: 'is not defined', allowed: [...things.keys()].join(', ') },
    ]);
  }
  return thing;
}
