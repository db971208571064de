import { packageTests } from '@neo-service-layer/testing/config';

// On the crypto backend that Node programs get; vitest.web.config.ts runs on the other one.
export default packageTests(import.meta.url, { exclude: ['test/web.test.ts'] });
