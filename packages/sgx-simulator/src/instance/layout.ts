import { join } from 'node:path';

/** Where things lie in an Occlum instance (occlum-contract §1.4), as absolute paths. */
export interface InstanceLayout {
  root: string;
  status: string;
  config: string;
  image: string;
  initfs: string;
  sgxMode: string;
  build: string;
  builtImage: string;
  builtInitfs: string;
  signedLibrary: string;
  systemConfig: string;
  run: string;
  /** Writable layer of the root file system; its presence is what counts as "built". */
  writable: string;
  execSocket: string;
  lock: string;
}

export function instanceLayout(root: string): InstanceLayout {
  return {
    root,
    status: join(root, '.__occlum_status'),
    config: join(root, 'Occlum.json'),
    image: join(root, 'image'),
    initfs: join(root, 'initfs'),
    sgxMode: join(root, '.sgx_mode'),
    build: join(root, 'build'),
    builtImage: join(root, 'build', 'mount', '__ROOT'),
    builtInitfs: join(root, 'build', 'initfs', '__ROOT'),
    signedLibrary: join(root, 'build', 'lib', 'libocclum-libos.signed.so'),
    systemConfig: join(root, 'build', '.Occlum_sys.json.protected'),
    run: join(root, 'run'),
    writable: join(root, 'run', 'mount', '__ROOT'),
    execSocket: join(root, 'run', 'occlum_exec.sock'),
    lock: join(root, '.occlum-sim.lock'),
  };
}
