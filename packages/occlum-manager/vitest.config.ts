import { packageTests } from '@neo-service-layer/testing/config';
import { mergeConfig } from 'vitest/config';

export default mergeConfig(packageTests(import.meta.url, { timeoutMs: 60_000 }), {
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // No module keeps state that a test could see: loaded once for all files, they cost a fifth of the time less.
    isolate: false,
  },
});
