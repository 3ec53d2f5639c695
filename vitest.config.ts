import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,property,golden,webview}/**/*.test.ts'],
    globalSetup: ['test/globalSetup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What a page does takes longer on a busy machine: the default second is too short there.
    expect: { poll: { timeout: 20_000 } },
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2 } },
  },
});
