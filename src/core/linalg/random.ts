/** A seeded source of random numbers. Equal seeds give equal sequences on every platform. */
export interface Random {
  /** uniform in [0, 1), 53 bits */
  next(): number;
  /** uniform in 0 … n − 1, without bias. @throws RangeError unless n is a whole number from 1 to 2⁵³ */
  integer(n: number): number;
  /** standard normal, N(0, 1) */
  normal(): number;
}

/**
 * xoshiro128** 1.1 (Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021), its state filled by SplitMix64 from the seed, as its
 * authors advise: 32-bit steps, because JavaScript multiplies 32 bits fast and 64 bits slowly. Not for secrets.
 * @param seed a whole number of at most 53 bits, negative ones included
 */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed must be a whole number, not ${String(seed)}`);
  const nextBits = xoshiro128(seed);
  const next = () => ((nextBits() >>> 5) * 2 ** 26 + (nextBits() >>> 6)) * 2 ** -53;
  let spare: number | undefined;
  return {
    next,
    integer: (n) => {
      if (!(Number.isSafeInteger(n) && n >= 1)) throw new RangeError(`no whole number below ${String(n)}`);
      return n <= 2 ** 32 ? smallInteger(nextBits, n) : largeInteger(next, n);
    },
    normal: () => {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      const [first, second] = normalPair(next);
      spare = second;
      return first;
    },
  };
}

/** 32 random bits a call. The state is never all zeros: SplitMix64 does not give two zeros in a row. */
function xoshiro128(seed: number): () => number {
  const mix = splitMix64(BigInt(seed));
  const [first, second] = [mix(), mix()];
  let a = Number(first & 0xffffffffn) | 0;
  let b = Number(first >> 32n) | 0;
  let c = Number(second & 0xffffffffn) | 0;
  let d = Number(second >> 32n) | 0;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result >>> 0;
  };
}

/** SplitMix64 (Steele, Lea & Flood, OOPSLA 2014). */
function splitMix64(seed: bigint): () => bigint {
  const bits64 = (x: bigint) => BigInt.asUintN(64, x);
  let state = bits64(seed);
  return () => {
    state = bits64(state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = bits64((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = bits64((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
}

function rotateLeft(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** Draws again in the last, incomplete stretch of n, which would favour low numbers. Remainders of unsigned 32-bit numbers: those of others are slow. */
function smallInteger(nextBits: () => number, n: number): number {
  if (n === 2 ** 32) return nextBits();
  const divisor = n >>> 0;
  // 2³² mod n without leaving 32 bits.
  const rest = ((-divisor >>> 0) % divisor) >>> 0;
  const lastFair = (0xffffffff - rest) >>> 0;
  for (;;) {
    const bits = nextBits() >>> 0;
    if (bits <= lastFair) return (bits % divisor) >>> 0;
  }
}

function largeInteger(next: () => number, n: number): number {
  const fair = 2 ** 53 - (2 ** 53 % n);
  for (;;) {
    const bits = next() * 2 ** 53;
    if (bits < fair) return bits % n;
  }
}

/** Two independent standard normal numbers: the polar method (Marsaglia & Bray, 1964). */
function normalPair(next: () => number): readonly [number, number] {
  for (;;) {
    const x = 2 * next() - 1;
    const y = 2 * next() - 1;
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    return [x * factor, y * factor];
  }
}

/**
 * k different numbers of 0 … n − 1, every subset equally likely, ascending (Floyd's method: k draws however large n is).
 * @param n at most 2³²
 * @throws RangeError when k > n
 */
export function sampleWithoutReplacement(random: Random, n: number, k: number): Uint32Array {
  if (!(k >= 0 && k <= n && n <= 2 ** 32))
    throw new RangeError(`${String(k)} different numbers cannot be drawn from ${String(n)}`);
  const drawn = new Set<number>();
  for (let last = n - k; last < n; last++) {
    const candidate = random.integer(last + 1);
    drawn.add(drawn.has(candidate) ? last : candidate);
  }
  return Uint32Array.from(drawn).sort();
}
