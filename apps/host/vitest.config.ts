import { packageTests } from '@neo-service-layer/testing/config';

// The command line has a task of its own, so that the two run side by side.
export default packageTests(import.meta.url, { exclude: ['test/e2e/**', '**/cli/**', '**/cli.test.ts'] });
