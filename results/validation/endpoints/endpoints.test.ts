import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { endpointDifference } from './endpoint-difference.ts';
import { endpointBars, validateEndpoints } from './endpoints.ts';

// Measured, Linux 6.18.44, three repetitions of each case: recorder.py.
const file = new URL('../../reference/tcp-endpoints.json.gz', import.meta.url);
const recording = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { cases: { runs: unknown[] }[] };
const found = validateEndpoints(recording);
const closingFile = new URL('../../reference/tcp-closing.json.gz', import.meta.url);
const closing = validateEndpoints(JSON.parse(gunzipSync(readFileSync(closingFile)).toString()));

describe('ends of linux-6.x beside those of a recorded kernel', () => {
  // Under what was reached; the kernel itself does in 820 of the 838 cases what it did in another repetition.
  it.each([
    ['both directions cut', 0.97],
    ['one direction cut', 0.95],
    ['packets late', 0.95],
    ['packets of the handshake lost', 0.94],
    ['segments of a row lost', 0.94],
    ['closing, ends that are gone, resets', 0.96],
    ['talk without loss', 1],
    ['nothing ever arrives', 1],
  ])('send the same at the same times: %s', (kind, least) => {
    const { cases, agreeing } = found.groups[kind]!;
    expect(cases).toBeGreaterThan(20);
    expect(agreeing / cases, JSON.stringify(found.disagreements)).toBeGreaterThanOrEqual(least);
  });

  it.each([
    ['full closes, half closes, aborts', 88, 0.97],
    ['what no application holds', 46, 1],
    ['SYN cookies', 24, 1],
  ])('send the same at the same times after their application: %s', (kind, count, least) => {
    const { cases, agreeing } = closing.groups[kind]!;
    expect(cases).toBe(count);
    expect(agreeing / cases, JSON.stringify(closing.disagreements)).toBeGreaterThanOrEqual(least);
  });

  it('are counted with how often the kernel repeats itself', () => {
    expect(found.cases).toBe(838);
    expect(found.kernel).toBe(820);
    expect(found.disagreements).toHaveLength(838 - found.agreeing);
    expect(endpointBars(found).every(({ met }) => met)).toBe(true);
  });

  it('miss the bar where the recording is another one', () => {
    // Each case with the packets of the next one.
    const cases = recording.cases.map((each, i, all) => ({ ...each, runs: all[(i + 1) % all.length]!.runs }));
    const wrong = validateEndpoints({ ...recording, cases });
    expect(wrong.agreeing).toBeLessThan(200);
    expect(endpointBars(wrong).some(({ met }) => met)).toBe(false);
  });

  it('differ where they should: a packet that is missing, late or longer is told', () => {
    const recorded = [[0, 'c', 'PA', 1, 100, 1, 0]] as const;
    expect(endpointDifference(recorded, [])).toContain('recorded PA 1+100 at 0.0 ms, simulated none');
    expect(endpointDifference(recorded, [[11, 'c', 'A', 1, 100, 1, 0]])).toContain('at 11.0 ms');
    expect(endpointDifference(recorded, [[0, 'c', 'A', 1, 101, 1, 0]])).toContain('simulated A 1+101');
    expect(endpointDifference(recorded, [[9, 'c', 'A', 1, 100, 1, 0]])).toBeNull();
  });
});
