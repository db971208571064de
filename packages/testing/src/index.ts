export { runReadmeExamples } from './readme.ts';
export { requireOrSkip } from './requirement.ts';
export { sharedFolder } from './shared-folder.ts';
export { thrownBy } from './thrown-by.ts';
