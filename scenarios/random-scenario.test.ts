import { expect, test } from 'vitest';
import { buildCluster } from './build-cluster.ts';
import { wholeRuleset } from './import/imported-ruleset.ts';
import { importNftText } from './import/nft-text.ts';
import { schemePresets } from './presets/scheme-presets.ts';
import { randomScenario } from './random-scenario.fixture.ts';

// What must hold at every event is asserted by the models themselves; here they meet many worlds. More of them:
// NSEH_SWARM=1-1000 npx vitest run scenarios/random-scenario.test.ts

const policy = wholeRuleset(
  importNftText(
    `table inet filter {
       ct helper ftp-standard { type "ftp" protocol tcp; l3proto inet; }
       chain forward {
         type filter hook forward priority filter; policy drop;
         tcp dport 21 ct helper set "ftp-standard"
         ct state established,related accept
         ct state invalid drop
         iifname "ext0" tcp dport { 21, 22, 80, 443, 6000-6010, 8080 } ct state new accept
         iifname "ext0" udp dport { 7, 53, 5004, 8080 } accept
         iifname "int0" ct state new accept
       }
     }`,
    'policy',
  ),
);

const stricterPolicy = wholeRuleset(
  importNftText(
    `table inet filter {
       chain forward {
         type filter hook forward priority filter; policy drop;
         ct state established accept
         iifname "ext0" tcp dport 80 tcp flags & (fin | syn | rst | ack) == syn ct state new accept
       }
     }`,
    'stricter policy',
  ),
);

const [from, to] = (process.env['NSEH_SWARM'] ?? '1-5').split('-').map(Number);

test('every rule of the models holds in random scenarios under their own and under all schemes', () => {
  let events = 0;
  for (let seed = from ?? 1; seed <= (to ?? from ?? 1); seed++) {
    const scenario = randomScenario(seed, policy, stricterPolicy);
    const schemes = [null, 'as-written' as const, ...schemePresets.map((preset) => preset.scheme)];
    for (const scheme of schemes) {
      const cluster = buildCluster(scenario, {
        seed,
        repetition: 0,
        scheme,
        replayCommand: `NSEH_SWARM=${seed}-${seed} npx vitest run scenarios/random-scenario.test.ts`,
      });
      // Observed as in a real run: context is compared only when somebody listens.
      cluster.observations.contextCompared.subscribe(() => undefined);
      cluster.observations.divergence.subscribe(() => undefined);
      cluster.run();
      events += cluster.simulation.eventsRun;
    }
  }
  expect(events).toBeGreaterThan(10_000);
}, 300_000);
