/** The shortest of several runs, in milliseconds: what the machine does beside only ever adds time. */
export async function shortest(repetitions: number, run: () => unknown): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < repetitions; i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

export function milliseconds(time: number | undefined): string {
  return time === undefined ? '–' : time < 100 ? time.toFixed(1) : time.toFixed(0);
}

export function ratio(ours: number, theirs: number | undefined): string {
  return theirs === undefined ? '–' : (ours / theirs).toFixed(2);
}
