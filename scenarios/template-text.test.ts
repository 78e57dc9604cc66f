import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate, templateProblem, withoutArithmetic } from './template-text.ts';

describe('arithmetic in a template', () => {
  it.each([
    ['vm-{i}', 'vm-5'],
    ['vm-{i + 1}', 'vm-6'],
    ['{i-1}-{ i * 10 }', '4-50'],
    ['h-{i % 4}', 'h-1'],
    ['h-{(i + 1) % 4}', 'h-2'],
    ['{1 + i * 2}', '11'],
    ['{7 - i - 1}', '1'],
    ['{(i - 9) % 4}', '0'],
  ])('works %s out, for 5, as %s', (text, filled) => {
    expect(templateProblem(text)).toBeNull();
    expect(fillTemplate(text, 5)).toBe(filled);
  });

  it('takes the rest of what is negative as one that is not, so that the first follows the last', () => {
    expect([0, 1, 2, 3, 4].map((index) => fillTemplate('{(i - 1) % 4}', index))).toEqual([
      '3',
      '0',
      '1',
      '2',
      '3',
    ]);
  });

  it('leaves sets and blocks of rules alone', () => {
    const rules = 'tcp dport { 80, 443 } accept; chain input { type filter } { 7 } {hi} {ii}';
    expect(fillTemplate(rules, 3)).toBe(rules);
    expect(templateProblem(rules)).toBeNull();
    expect(withoutArithmetic('h-{i + 1}-{x}')).toBe('h-0-{x}');
  });

  it.each([
    ['vm-{i +}', '{i +} cannot be worked out: it stops making sense at its end'],
    ['vm-{i / 2}', '{i / 2} cannot be worked out: it stops making sense at /'],
    ['vm-{(i + 1}', '{(i + 1} cannot be worked out: it stops making sense at its end'],
    ['vm-{i 1}', '{i 1} cannot be worked out: it stops making sense at 1'],
    ['vm-{i % 0}', '{i % 0} takes the rest by a number that is not positive'],
    ['vm-{i + 99999999999999999999}', '{i + 99999999999999999999} is too large a number'],
  ])('refuses %s', (text, problem) => {
    expect(templateProblem(text)).toBe(problem);
    expect(fillTemplate(text, 3)).toBe(text);
  });

  it('gives what JavaScript gives, wherever nothing is negative', () => {
    const term = fc.oneof(fc.constant('i'), fc.nat(99).map(String));
    const sum = fc.array(fc.tuple(term, term), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sum, fc.nat(1000), (products, index) => {
        const text = products.map(([a, b]) => `${a} * ${b}`).join(' + ');
        fc.pre(text.includes('i'));
        const factor = (written: string): number => (written === 'i' ? index : Number(written));
        const expected = products.reduce((total, [a, b]) => total + factor(a) * factor(b), 0);
        expect(fillTemplate(`{${text}}`, index)).toBe(String(expected));
      }),
    );
  });
});
