import { fileURLToPath } from 'node:url';
import { packageTests } from '@neo-service-layer/testing/config';
import { mergeConfig } from 'vitest/config';

// The same verdicts on the crypto backend that browsers get. Vitest always sets the condition `node`, so the backend
// is named here.
const base = packageTests(import.meta.url, { name: 'web', include: ['test/web.test.ts', 'test/vectors.test.ts'] });
const web = fileURLToPath(new URL('src/crypto/web.ts', import.meta.url));

export default mergeConfig(base, { resolve: { alias: { '#crypto': web } } });
