import { packageTests } from '@neo-service-layer/testing/config';
import { mergeConfig } from 'vitest/config';

// With the condition `node` the tests run on the crypto backend that Node programs get; the web backend has tests of
// its own.
const conditions = { conditions: ['node'] };

export default mergeConfig(packageTests(import.meta.url), { resolve: conditions, ssr: { resolve: conditions } });
