import { z } from 'zod';

/*
 * Moves of a VM that shares a host, and its firewall, with a VM it talks to: the form of
 * results/reference/golden-eastwest.json.gz. `meta.nft` has the rules of both hosts by `nft_id`.
 */

/** An entry at the end: state, remaining seconds, direction of the original tuple, zone, mark. */
const entry = z.tuple([z.string(), z.number(), z.enum(['fwd', 'reversed']), z.number(), z.number()]);

const flow = z.object({
  flow: z.string(),
  kind: z.string(),
  proto: z.enum(['tcp', 'udp']),
  from: z.enum(['v1', 'v2', 'x']),
  to: z.enum(['v1', 'v2', 'x']),
  survives: z.boolean(),
  entries_end: z.object({ A: z.array(entry), B: z.array(entry) }),
});

export const eastWestRun = z.object({
  case: z.string(),
  params: z.record(z.string(), z.unknown()),
  blackout_ms: z.number(),
  run: z.number(),
  nft_id: z.string(),
  flows: z.array(flow),
  entries_end: z.object({ A: z.object({ all: z.number() }), B: z.object({ all: z.number() }) }),
});

const meta = z.object({
  kernel: z.string(),
  blackout_ms: z.number(),
  nft: z.record(z.string(), z.string()),
  topologies: z.record(z.string(), z.string()),
});

export const eastWestFile = z.object({ meta, runs: z.array(z.unknown()) });

export type EastWestMeta = z.infer<typeof meta>;
export type EastWestRun = z.infer<typeof eastWestRun>;
export type EastWestFlow = z.infer<typeof flow>;
export type EndName = 'v1' | 'v2' | 'x';
export type VmName = 'v1' | 'v2';
export type HostName = 'A' | 'B';

/** Whether data have the form of east-west moves, so far as the head says. */
export function isEastWest(data: unknown): boolean {
  return (
    z.object({ meta: z.object({ topologies: z.unknown() }) }).safeParse(data).data?.meta.topologies !==
    undefined
  );
}
