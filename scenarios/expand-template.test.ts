import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, ipv4, parseAddress } from '../models/network/address.ts';
import { addressAfter, expandTemplate } from './expand-template.ts';

describe('a template', () => {
  it('fills its index, and the rest of it, into every text', () => {
    const template = {
      count: 5,
      name: 'vm-{i + 1}',
      host: 'h-{i % 2}',
      ports: [{ of: '{i%3}/{i}' }],
      memory: 7,
    };
    expect(expandTemplate(template)[4]).toEqual({
      index: 4,
      item: { count: 5, name: 'vm-5', host: 'h-0', ports: [{ of: '1/4' }], memory: 7 },
    });
  });
});

describe('an address', () => {
  const after = (text: string, steps: number): string | undefined => {
    const address = addressAfter(parseAddress(text)!, steps);
    return address === undefined ? undefined : formatAddress(address);
  };

  it('counts up over the ends of its words, but not over its own end', () => {
    expect(after('10.0.0.255', 1)).toBe('10.0.1.0');
    expect(after('255.255.255.255', 1)).toBeUndefined();
    expect(after('fd00::ffff:ffff', 2)).toBe('fd00::1:0:1');
    expect(after('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 1)).toBeUndefined();
  });

  it('counts as whole numbers do', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat(100_000), (value, steps) => {
        expect(addressAfter(ipv4(value), steps)).toEqual(ipv4(value + steps));
      }),
    );
  });
});
