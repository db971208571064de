import { packageTests } from '@neo-service-layer/testing/config';

export default packageTests(import.meta.url, {
  name: 'cli',
  include: ['test/cli/**/*.test.ts', 'test/**/cli.test.ts'],
});
