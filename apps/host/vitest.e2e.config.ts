import { packageTests } from '@neo-service-layer/testing/config';

// One cell of the matrix: how the enclave sees its file system, and whom it seals to.
const cell = `${process.env['E2E_ROOTFS'] ?? 'image'}-${process.env['E2E_SEAL'] ?? 'enclave'}`;

export default packageTests(import.meta.url, {
  name: `e2e-${cell}`,
  include: ['test/e2e/**/*.test.ts'],
  timeoutMs: 120_000,
});
