/** Codes of driving occlum (or occlum-sim) and of the enclave's life. */
export const occlumErrors = {
  ERR_OCCLUM_NOT_FOUND: 'No occlum executable: neither OCCLUM_PATH nor PATH has it, and simulation was not asked for.',
  ERR_OCCLUM_CONFIG: 'Occlum.json is not a configuration that both the build and the LibOS accept.',
  ERR_OCCLUM_BOM: 'A bom.yaml does not follow the grammar of copy_bom, or names something that is not there.',
  ERR_OCCLUM_IMAGE: 'The image has something that Occlum cannot load, or lacks something that its programs need.',
  ERR_OCCLUM_ELF: 'A file is not a readable 64-bit little-endian ELF file.',
  ERR_OCCLUM_INIT_RA: 'init_ra_conf.json is not what the init process of the instance takes.',
  ERR_OCCLUM_SIGNING_KEY:
    'The key is not one to sign an enclave with: RSA of 3072 bits, exponent 3, not the public demo key.',
  ERR_OCCLUM_INSTANCE: 'The folder is not, or cannot become, an instance that occlum handles safely.',
  ERR_OCCLUM_LOCKED: 'Another process, or another call of this one, is working with the instance.',
  ERR_OCCLUM_NOT_BUILT: 'The instance has no whole build that fits its configuration and the mode of this manager.',
  ERR_OCCLUM_BUILD: 'occlum build failed, or what it built is not what was asked for.',
  ERR_OCCLUM_PACKAGE: 'The instance cannot be packaged, or occlum package made something else than was asked for.',
  ERR_OCCLUM_MOUNT: 'The image of an instance cannot be mounted on this machine, in this place or with these keys.',
  ERR_OCCLUM_COMMAND: 'A command of occlum failed.',
  ERR_OCCLUM_ABORTED: 'The caller ended the command through its AbortSignal.',
  ERR_HOST_BLOBS: 'The host could not read or keep the sealed bytes that the enclave gave it.',
  ERR_ENCLAVE_LOST: 'The enclave process ended while it was needed.',
  ERR_NOT_KEEPER: 'This enclave of a pool serves without what users keep; the call is one for its keeper.',
  ERR_ENCLAVE_START: 'The enclave did not come up.',
} as const;
