import { packageTests } from '@neo-service-layer/testing/config';

// One cell of the matrix: how the enclave sees its file system, and whom it seals to.
const cell = `${process.env['E2E_ROOTFS'] ?? 'image'}-${process.env['E2E_SEAL'] ?? 'enclave'}`;

// What a kill leaves does not depend on whom data is sealed to: one column of the matrix tests it.
const exclude = process.env['E2E_SEAL'] === 'signer' ? ['test/e2e/killed-host.test.ts'] : [];

export default packageTests(import.meta.url, {
  name: `e2e-${cell}`,
  include: ['test/e2e/**/*.test.ts'],
  exclude,
  timeoutMs: 120_000,
});
