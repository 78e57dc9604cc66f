import { z } from 'zod';

/*
 * Packet sequences that were played through a real firewall, with what it did: the form of
 * results/reference/golden-{conntrack,ipv6,nat}.json.gz. One element holds the rules, the packets, and for each
 * packet the verdict, the connection state that the rules saw, and the entry a few milliseconds later.
 */

const side = z.enum(['c', 's']);

const match = z.object({
  ct_state: z.array(z.enum(['new', 'established', 'related', 'invalid', 'untracked'])).optional(),
  ct_status: z.enum(['dnat', 'snat']).optional(),
  iif: side.optional(),
  oif: side.optional(),
  proto: z.enum(['tcp', 'udp', 'icmp', 'icmpv6']).optional(),
  saddr: z.string().optional(),
  dport: z.number().optional(),
  sport: z.number().optional(),
  icmp_type: z.number().optional(),
  syn_only: z.boolean().optional(),
});

const natRule = z.object({
  match,
  action: z.enum(['snat', 'dnat', 'masquerade', 'redirect']),
  to: z.string().optional(),
  ports: z.tuple([z.number(), z.number()]).optional(),
  flags: z.array(z.enum(['fully-random', 'random', 'persistent'])).optional(),
});

const policy = z.enum(['accept', 'drop']);

const rules = z.object({
  id: z.string().optional(),
  policy,
  forward: z.array(z.object({ match, verdict: policy })),
  raw: z
    .array(
      z.object({
        match,
        zone: z.number().optional(),
        zone_dir: z.enum(['original', 'reply']).optional(),
        notrack: z.boolean().optional(),
      }),
    )
    .optional(),
  /** Marks that packets set on their connections, before any other rule. */
  marks: z.array(z.object({ match, mark: z.number() })).optional(),
  pre: z.array(natRule).optional(),
  post: z.array(natRule).optional(),
  input: policy.optional(),
  /** Connections to port 21 get the FTP helper. */
  ftp: z.boolean().optional(),
});

const step = z.preprocess(
  withoutNulls,
  z.object({
    t_ms: z.number(),
    op: z.string().optional(),
    mode: z.string().optional(),
    set: z.record(z.string(), z.number()).optional(),
    rules: z.union([z.string(), rules]).optional(),
    cmd: z.string().optional(),
    n: z.number().optional(),
    kind: z.string().optional(),
    sport0: z.number().optional(),
    dport0: z.number().optional(),
    dir: z.enum(['c2s', 's2c']).optional(),
    proto: z.union([z.enum(['tcp', 'udp', 'icmp', 'icmpv6']), z.number()]).optional(),
    src: z.string().optional(),
    dst: z.string().optional(),
    sport: z.number().optional(),
    dport: z.number().optional(),
    flags: z.string().optional(),
    seq: z.number().optional(),
    ack: z.number().optional(),
    win: z.number().optional(),
    wscale: z.number().optional(),
    mss: z.number().optional(),
    sack_perm: z.boolean().optional(),
    sack: z.array(z.tuple([z.number(), z.number()])).optional(),
    len: z.number().optional(),
    /** The payload, where it matters. */
    text: z.string().optional(),
    checksum: z.enum(['bad', 'none']).optional(),
    type: z.number().optional(),
    code: z.number().optional(),
    id: z.number().optional(),
    inner: z.number().optional(),
    inner_bytes: z.number().optional(),
    inner_sport: z.number().optional(),
    inner_as_sent: z.boolean().optional(),
    flow: z.number().optional(),
    reply: z.enum(['last', 'first']).optional(),
    ext: z.string().optional(),
    frag: z.object({ size: z.number(), parts: z.array(z.number()).nullable(), id: z.number() }).optional(),
    hop_limit: z.number().optional(),
  }),
);

const view = z.object({
  state: z.string().nullable(),
  timeout_s: z.number().nullable(),
  flags: z.array(z.string()),
  orig_dir: z.string().optional(),
  tcp_flags: z.array(z.array(z.string())).optional(),
  wscale: z.array(z.number()).optional(),
  zone: z.number().optional(),
  zone_orig: z.number().optional(),
  zone_reply: z.number().optional(),
  mark: z.number().optional(),
  nat: z.array(z.string()).optional(),
  nat_done: z.array(z.string()).optional(),
  orig: z.string().optional(),
  reply: z.string().optional(),
});

const wirePacket = z.record(z.string(), z.unknown());

const expectation = view.partial().extend({
  verdict: z.string().nullable(),
  ct_state: z.string().nullish(),
  entries: z.number(),
  entries_range: z.tuple([z.number(), z.number()]).optional(),
  table: z.array(view).optional(),
  errno: z.union([z.number(), z.array(z.number())]).optional(),
  forwarded: z.number().optional(),
  out: wirePacket.nullish(),
  out_random: z.array(z.tuple([z.string(), z.tuple([z.number(), z.number()])])).optional(),
  out_pool: z.unknown().optional(),
  in: wirePacket.optional(),
  in_random: z.unknown().optional(),
  fw_sent: z.array(wirePacket).optional(),
  cli_rc: z.number().optional(),
  saved_text: z.array(z.string()).optional(),
});

const sequence = z.object({
  name: z.string(),
  category: z.string(),
  family: z.enum(['ip', 'ip6']).default('ip'),
  sysctls: z.record(z.string(), z.number()),
  rules,
  other_rules: z.record(z.string(), rules).default({}),
  packets: z.array(step),
  expect: z.array(expectation),
});

/** The file: a list of sequences. */
export const goldenFile = z.array(sequence);

export type GoldenSequence = z.infer<typeof sequence>;
export type GoldenStep = z.infer<typeof step>;
export type GoldenRules = z.infer<typeof rules>;
export type GoldenMatch = z.infer<typeof match>;
export type GoldenNatRule = z.infer<typeof natRule>;
export type Expectation = z.infer<typeof expectation>;
export type EntryView = z.infer<typeof view>;

/** The recorder writes null for what a step leaves open. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}
