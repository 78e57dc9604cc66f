import { expect, test } from 'vitest';
import { parseAddress } from '../models/network/address.ts';
import { isMachineAddress } from './machine-address.ts';

test.each([
  ['10.0.0.1', true],
  ['1.0.0.0', true],
  ['223.255.255.255', true],
  ['0.0.0.0', false],
  ['0.1.2.3', false],
  ['127.0.0.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['fe80::1', true],
  ['2001:db8::1', true],
  ['::2', true],
  ['::', false],
  ['::1', false],
  ['ff02::1', false],
])('a machine may have %s: %s', (text, may) => {
  expect(isMachineAddress(parseAddress(text)!)).toBe(may);
});
