/** One test of any kind, as the final count sees it. */
export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  readonly message?: string;
}

/** Runs one named check; prints its line at once. */
export async function runCheck(name: string, check: () => Promise<void> | void): Promise<TestResult> {
  const start = Date.now();
  try {
    await check();
    console.log(`  ok      ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    return { name, passed: true };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.log(`  FAILED  ${name}\n${message.replace(/^/gm, '          ')}`);
    return { name, passed: false, message };
  }
}
