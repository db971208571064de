import { fileURLToPath } from 'node:url';
import { packageTests } from '@neo-service-layer/testing/config';
import { mergeConfig } from 'vitest/config';

// The same verdicts on the crypto backend that browsers get. Vitest always sets the condition `node`, so the backend
// is named here.
const include = ['web', 'vectors', 'ra-tls/real-certificates', 'ra-tls/verify-ra-tls-certificate'];
const base = packageTests(import.meta.url, { name: 'web', include: include.map((name) => `test/${name}.test.ts`) });
const web = fileURLToPath(new URL('src/crypto/web.ts', import.meta.url));

export default mergeConfig(base, { resolve: { alias: { '#crypto': web } } });
