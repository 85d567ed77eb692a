import { randomBytes } from 'node:crypto';

/** Randomness as an argument, so that a seed reproduces a run. */
export interface Random {
  /** A float in [0, 1). */
  unit(): number;
  /** An integer in [0, below). */
  below(below: number): number;
  /** `length` random bytes as lower-case hex. */
  hex(length: number): string;
}

/** The operating system's generator: for keys, tokens and jitter in production. */
export const machineRandom: Random = {
  unit: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  below: (below) => Math.floor((randomBytes(6).readUIntBE(0, 6) / 2 ** 48) * below),
  hex: (length) => randomBytes(length).toString('hex'),
};

/** xoshiro128** seeded by splitmix32 (Blackman and Vigna, https://prng.di.unimi.it): the same seed gives the same run on every machine. */
export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const split = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let [a, b, c, d] = [split(), split(), split(), split()];
  const rotate = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;
  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(b!, 5) >>> 0, 7), 9) >>> 0;
    const t = (b! << 9) >>> 0;
    c = (c! ^ a!) >>> 0;
    d = (d! ^ b!) >>> 0;
    b = (b! ^ c) >>> 0;
    a = (a! ^ d) >>> 0;
    c = (c ^ t) >>> 0;
    d = rotate(d, 11);
    return result;
  };
  const unit = (): number => next() / 2 ** 32;
  return {
    unit,
    below: (below) => Math.floor(unit() * below),
    hex: (length) => Array.from({ length }, () => (next() & 255).toString(16).padStart(2, '0')).join(''),
  };
}
