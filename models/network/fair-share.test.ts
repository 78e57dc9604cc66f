import { describe, expect } from 'vitest';
import { it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { fairShare, type ElasticFlow } from './fair-share.ts';

const flow = (links: number[], capBps = Infinity, weight = 1): ElasticFlow => ({ links, capBps, weight });

describe('max–min fair shares', () => {
  it('divide one link evenly', () => {
    // 100 / 4.
    expect(fairShare([100], [flow([0]), flow([0]), flow([0]), flow([0])])).toEqual([25, 25, 25, 25]);
  });

  it('go by weight at a bottleneck', () => {
    // 120 to 1 : 2 : 3 is 20, 40, 60.
    const flows = [flow([0], Infinity, 1), flow([0], Infinity, 2), flow([0], Infinity, 3)];
    expect(fairShare([120], flows)).toEqual([20, 40, 60]);
  });

  it('give what a capped flow leaves to the others', () => {
    // The first is stopped at 10; 90 are left for two.
    expect(fairShare([100], [flow([0], 10), flow([0]), flow([0])])).toEqual([10, 45, 45]);
  });

  it('are those of the parking lot of Bertsekas and Gallager', () => {
    // One long flow over links of 10, 5 and 20, one short flow on each. Link 1 is first full, at 2.5 each; then
    // the short flow of link 0 takes 7.5 and that of link 2 takes 17.5.
    const flows = [flow([0, 1, 2]), flow([0]), flow([1]), flow([2])];
    expect(fairShare([10, 5, 20], flows)).toEqual([2.5, 7.5, 2.5, 17.5]);
  });

  it('are nothing on a link that is cut', () => {
    expect(fairShare([0, 10], [flow([0, 1]), flow([1])])).toEqual([0, 10]);
  });

  const flows = fc.array(
    fc.record({
      links: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1 }),
      weight: fc.integer({ min: 1, max: 5 }),
      capBps: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 100 })),
    }),
    { minLength: 1, maxLength: 8 },
  );
  const capacities = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 4, maxLength: 4 });

  test.prop([capacities, flows])(
    'never overload a link, and each flow meets its cap or a full link',
    (links, some) => {
      const rates = fairShare(links, some);
      const load = links.map((_, link) =>
        some.reduce((sum, { links: path }, i) => sum + (path.includes(link) ? rates[i]! : 0), 0),
      );
      load.forEach((sum, link) => expect(sum).toBeLessThanOrEqual(links[link]! * (1 + 1e-6)));
      some.forEach(({ links: path, capBps, weight }, i) => {
        const capped = rates[i]! >= capBps * (1 - 1e-6);
        // Max–min: on some full link of its path no flow has more per weight.
        const bottleneck = path.some(
          (link) =>
            load[link]! >= links[link]! * (1 - 1e-6) &&
            some.every(
              (other, j) =>
                !other.links.includes(link) || rates[j]! / other.weight <= (rates[i]! / weight) * (1 + 1e-6),
            ),
        );
        expect(capped || bottleneck).toBe(true);
      });
    },
  );
});
