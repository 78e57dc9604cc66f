import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatQuantity, parseQuantity, unitsOf } from './units.ts';
import type { Dimension } from './units.ts';

function value(text: string, dimension: Dimension): number {
  const parsed = parseQuantity(text, dimension);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

function message(text: string, dimension: Dimension): string {
  const parsed = parseQuantity(text, dimension);
  return parsed.ok ? `accepted as ${parsed.value}` : parsed.message;
}

describe('a quantity', () => {
  it('is scaled exactly where floating point would not be', () => {
    expect(value('0.1 ms', 'time')).toBe(100_000);
    expect(value('1.1 s', 'time')).toBe(1_100_000_000);
    expect(value('4.35 us', 'time')).toBe(4350); // 4.35 * 1000 is 4349.999… in doubles
    expect(value('1e3 s', 'time')).toBe(1_000_000_000_000);
    expect(value('9007199254740991 ns', 'time')).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('tells decimal from binary prefixes and bits from bytes', () => {
    expect(value('512 MB', 'size')).toBe(512_000_000);
    expect(value('512 MiB', 'size')).toBe(536_870_912);
    expect(value('10 Gbit/s', 'rate')).toBe(10_000_000_000);
    expect(value('10 Gbps', 'rate')).toBe(10_000_000_000);
    expect(value('1 MiB/s', 'rate')).toBe(8_388_608);
    expect(value('1.5 KiB', 'size')).toBe(1536);
    expect(value('4096 pages', 'size')).toBe(16_777_216);
    expect(value('16 MiB', 'pages')).toBe(4096);
    expect(value('8 MiB/s', 'page-rate')).toBe(2048);
  });

  it('needs no space before its unit', () => {
    expect(value('200ms', 'time')).toBe(200_000_000);
    expect(value('  3   s ', 'time')).toBe(3_000_000_000);
  });

  it('is a fraction of one when it is a share', () => {
    expect(value('12.5 %', 'share')).toBe(0.125);
    expect(value('0.3 %', 'share')).toBe(0.003); // 0.3 / 100 is 0.0029999999999999996 in doubles
    expect(value('50 ppm', 'share')).toBe(0.00005);
  });

  it('is refused without a unit, with an unknown one, in the wrong case, or of another dimension', () => {
    expect(message('200', 'time')).toBe('"200" has no unit');
    expect(message('10 Gbsp', 'rate')).toBe('unknown rate unit "Gbsp"; did you mean "Gbps"?');
    expect(message('10 MS', 'time')).toBe('unknown time unit "MS"; did you mean "ms"?');
    expect(message('10 GB', 'rate')).toContain('unknown rate unit "GB"');
    expect(message('ten ms', 'time')).toBe('"ten ms" is not a number with a unit');
    expect(message('10_000 ms', 'time')).toBe('"10_000 ms" is not a number with a unit');
    expect(message('1,5 s', 'time')).toContain('unknown time unit ",5 s"');
    expect(message('', 'time')).toBe('"" is not a number with a unit');
  });

  it('is refused when negative, finer than its base unit, or too large to be exact', () => {
    expect(message('-1 s', 'time')).toBe('"-1 s" is negative');
    expect(message('0.5 ns', 'time')).toBe('is not a whole number of nanoseconds');
    expect(message('1 B', 'pages')).toBe('is not a whole number of pages of 4 KiB');
    expect(message('105 d', 'time')).toContain('is more than');
    expect(message('1e99 s', 'time')).toContain('is more than');
  });
});

describe('a quantity written back', () => {
  it('takes the shortest text', () => {
    expect(formatQuantity(200_000_000, 'time')).toBe('200 ms');
    expect(formatQuantity(1_500_000_000, 'time')).toBe('1.5 s');
    expect(formatQuantity(838_860_800, 'size')).toBe('800 MiB');
    expect(formatQuantity(0, 'time')).toBe('0 ns');
    expect(formatQuantity(1_000_000_000, 'rate')).toBe('1 Gbit/s');
    expect(formatQuantity(0.003, 'share')).toBe('0.3 %');
    expect(formatQuantity(0, 'share')).toBe('0 %');
    expect(formatQuantity(1, 'share')).toBe('100 %');
  });

  const whole: readonly Dimension[] = ['time', 'size', 'rate', 'pages', 'page-rate'];

  it('is read back as the same number, whatever the number', () => {
    const any = fc.oneof(fc.maxSafeNat(), fc.integer({ min: 0, max: 100_000 }));
    fc.assert(
      fc.property(fc.constantFrom(...whole), any, (dimension, number) => {
        expect(value(formatQuantity(number, dimension), dimension)).toBe(number);
      }),
    );
  });

  it('is read back as the same share, whatever the share', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        fc.pre(share === 0 || share > 1e-90);
        expect(value(formatQuantity(share, 'share'), 'share')).toBe(share);
      }),
    );
  });

  it('scales a decimal as whole-number arithmetic does', () => {
    const units = [['ns', 1n] as const, ['us', 1000n] as const, ['ms', 1_000_000n] as const];
    fc.assert(
      fc.property(
        fc.constantFrom(...units),
        fc.nat(1e6),
        fc.nat(999),
        ([unit, factor], whole, thousandths) => {
          const scaled = (BigInt(whole) * 1000n + BigInt(thousandths)) * factor;
          const text = `${whole}.${String(thousandths).padStart(3, '0')} ${unit}`;
          if (scaled % 1000n === 0n) expect(value(text, 'time')).toBe(Number(scaled / 1000n));
          else expect(message(text, 'time')).toContain('whole number');
        },
      ),
    );
  });

  it('never accepts text that holds no known unit', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseQuantity(text, 'time');
        if (parsed.ok) expect(unitsOf('time').some((unit) => text.includes(unit))).toBe(true);
      }),
    );
  });
});
