import { spawnSync } from 'node:child_process';
import { requireOrSkip } from '@neo-service-layer/testing';

/** Whether programs can be given the image as root file system here; with CI=true they must. */
export const userNamespaces: boolean = requireOrSkip(
  spawnSync('unshare', ['--user', '--map-root-user', '--mount', '--pid', '--fork', 'true']).status === 0,
  'user namespaces (util-linux, and a kernel that allows them)',
);
