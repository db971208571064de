import { join } from 'node:path';

/** Where things lie in an Occlum instance (occlum-contract §1.4), as absolute paths. */
export interface InstanceLayout {
  root: string;
  status: string;
  config: string;
  image: string;
  initfs: string;
  initRaConfig: string;
  sgxMode: string;
  build: string;
  imageConfig: string;
  builtImage: string;
  /** MAC of the built image, `xx-xx-…`; written when the image is whole. */
  imageMac: string;
  builtInitfs: string;
  initfsMac: string;
  enclaveXml: string;
  /** Internal configuration in clear; empty after a configuration that gen_internal_conf found wrong. */
  plainConfig: string;
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
    initRaConfig: join(root, 'init_ra_conf.json'),
    sgxMode: join(root, '.sgx_mode'),
    build: join(root, 'build'),
    imageConfig: join(root, 'build', 'image_config.json'),
    builtImage: join(root, 'build', 'mount', '__ROOT'),
    imageMac: join(root, 'build', 'mount', '.ROOT_MAC'),
    builtInitfs: join(root, 'build', 'initfs', '__ROOT'),
    initfsMac: join(root, 'build', 'initfs', '.ROOT_MAC'),
    enclaveXml: join(root, 'build', 'Enclave.xml'),
    plainConfig: join(root, 'build', '.Occlum_sys.json'),
    signedLibrary: join(root, 'build', 'lib', 'libocclum-libos.signed.so'),
    systemConfig: join(root, 'build', '.Occlum_sys.json.protected'),
    run: join(root, 'run'),
    writable: join(root, 'run', 'mount', '__ROOT'),
    execSocket: join(root, 'run', 'occlum_exec.sock'),
    lock: join(root, '.occlum-sim.lock'),
  };
}
