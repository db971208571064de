// Part of this package's build: what the published package measures to is fixed here.
import { bundleCode } from '../bundle-runtime.ts';
import { writePublishedCode } from '../runtime-code.ts';

await writePublishedCode(await bundleCode());
