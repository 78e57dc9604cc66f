import { describe, expect, test } from 'vitest';
import { quantileInterval, meanInterval, wilsonInterval, zeroEventsBound } from './intervals.ts';
import { studentTQuantile } from './student-t.ts';

// Reference values of this file: computed with 40 digits (mpmath 1.x, bisection on the regularized incomplete
// beta function): the definitions of R's qt, t.test and prop.test(correct = FALSE), which were not run.

const sample = [3.1, 4.7, 2.2, 9.8, 5.0, 4.4, 3.9];

describe('the quantile of Student’s t', () => {
  const at = [0.75, 0.95, 0.975, 0.995, 0.9999];

  test.each([
    [1, [1.0, 6.3137515146750431, 12.706204736174705, 63.656741162871581, 3183.0987571181509]],
    [
      2,
      [0.81649658092772603, 2.9199855803537257, 4.3026527297494639, 9.9248432009182931, 70.700071074964278],
    ],
    [
      2.5,
      [0.7850136829923011, 2.5582186141359366, 3.5746548420036832, 7.1637281389487855, 34.867969321114773],
    ],
    [
      3,
      [0.76489232840434528, 2.3533634348018239, 3.1824463052837096, 5.8409093097333573, 22.203742273204183],
    ],
    [
      5,
      [0.72668684380042265, 2.0150483733330242, 2.5705818356363155, 4.0321429835552281, 9.6775663008825913],
    ],
    [
      29,
      [0.68304386082161315, 1.6991270265334978, 2.0452296421327043, 2.7563859036706055, 4.2538941184322801],
    ],
    [
      99,
      [0.67697598554615263, 1.6603911560169909, 1.9842169515864175, 2.6264054572808275, 3.8630891071272785],
    ],
    [
      1000,
      [0.67473516460700944, 1.6463788172854647, 1.9623390808264085, 2.5807546980659511, 3.7328516045753681],
    ],
  ])('with %d degrees of freedom is right to eleven digits', (degrees, wanted) => {
    at.forEach((p, index) => {
      expect(studentTQuantile(p, degrees) / wanted[index]! - 1).toBeCloseTo(0, 11);
      expect(studentTQuantile(1 - p, degrees) / -wanted[index]! - 1).toBeCloseTo(0, 10);
    });
  });
});

describe('an interval', () => {
  test('of a mean is Student’s', () => {
    const wide = meanInterval(sample, 0.95);
    expect(wide?.low).toBeCloseTo(2.47470742194, 10);
    expect(wide?.high).toBeCloseTo(6.98243543521, 10);
    expect(meanInterval(sample, 0.99)?.low).toBeCloseTo(1.31363902284, 10);
    expect(meanInterval([1], 0.95)).toBeNull();
  });

  test.each([
    [0, 24, 0, 0.137976204675],
    [23, 24, 0.797581935213, 0.992606543834],
    [10, 10, 0.722467200137, 1],
    [37, 200, 0.137301928006, 0.244570627612],
  ])('of a share, %d of %d, is Wilson’s', (hits, n, low, high) => {
    const interval = wilsonInterval(hits, n, 0.95);
    expect(interval?.low).toBeCloseTo(low, 11);
    expect(interval?.high).toBeCloseTo(high, 11);
  });

  test('of what has never happened ends near 3/n', () => {
    expect(zeroEventsBound(24, 0.95)).toBeCloseTo(0.117346156155, 11);
    expect(zeroEventsBound(300, 0.95)).toBeCloseTo(0.00993608194446, 11);
  });

  test('of a median by the bootstrap covers what the order statistics say', () => {
    // Of 1, 2, …, 101 the 95 % interval of the median by the binomial distribution is from 41 to 61.
    const values = Array.from({ length: 101 }, (_, index) => index + 1);
    const interval = quantileInterval(values, 0.5, 0.95);
    expect(Math.abs((interval?.low ?? 0) - 41)).toBeLessThanOrEqual(2);
    expect(Math.abs((interval?.high ?? 0) - 61)).toBeLessThanOrEqual(2);
    expect(quantileInterval(values, 0.5, 0.95)).toEqual(interval);
    // Of 1, 2, …, 10001: ranks 5000.5 ± 1.95996 · sqrt(10001 / 4), which is 98.0.
    const many = Array.from({ length: 10_001 }, (_, index) => 10_001 - index);
    expect(quantileInterval(many, 0.5, 0.95)).toEqual({ low: 4903, high: 5099 });
  });
});
