import { packageTests } from '@neo-service-layer/testing/config';

export default packageTests(import.meta.url, { exclude: ['test/e2e/**'] });
