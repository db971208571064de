import { TeeError } from '@neo-service-layer/tee-interface';

/** What occlum and the tools it calls need of the host's environment; everything else stays outside. */
const passed = new Set(
  ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR'].concat([
    ...['SGX_SDK', 'SGX_AESM_ADDR', 'OCCLUM_LOG_LEVEL'],
  ]),
);

/**
 * Variables that change what occlum builds or how it launches (occlum-contract §1.2, §9.1): a stray one in the host's
 * environment would take effect silently, so they never come from there, and a caller who sets one is told.
 */
const steering =
  /^(SGX_MODE|ENABLE_EDMM|SECURE_IMAGE_KEY|MAKE_OPTION|MAKEFLAGS|BUILDIN_IMAGE_KEY|ENCLAVE_SIGN_\w+|LD_\w+|BASH_ENV|ENV|NODE_OPTIONS|OCCLUM_(RELEASE_ENCLAVE|ENABLE_KSS|GDB|CONF_\w+|SIM_\w+|MANAGER_\w+))$/;

/**
 * The part of the host's environment that a command of occlum may see.
 *
 * @param base usually `process.env`
 */
export function cleanEnvironment(base: NodeJS.ProcessEnv): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    if (value !== undefined && passed.has(name)) clean[name] = value;
  }
  return clean;
}

/** What occlum-sim can be told by the host's environment: what to fail at, and how strict to be. */
const simulatorVariables = [
  'OCCLUM_SIM_FAULTS',
  'OCCLUM_SIM_STRICT',
  'OCCLUM_SIM_STOP_SECONDS',
  'OCCLUM_SIM_IMAGE_KEY',
] as const;

/** {@link cleanEnvironment} for occlum-sim, so that a program's handling of failures can be tried out by a variable. */
export function simulatorEnvironment(base: NodeJS.ProcessEnv): Record<string, string> {
  const clean = cleanEnvironment(base);
  for (const name of simulatorVariables) {
    const value = base[name];
    if (value !== undefined) clean[name] = value;
  }
  return clean;
}

/**
 * Checks variables that a caller wants a program in the enclave to have.
 *
 * @param untrusted the names that Occlum.json lets in; others never arrive (issue 1368), which is said here instead
 * @throws TeeError ERR_INVALID_ARGUMENT
 */
export function programEnvironment(
  variables: Readonly<Record<string, string>>,
  untrusted: readonly string[],
): Record<string, string> {
  for (const [name, value] of Object.entries(variables)) {
    if (steering.test(name)) {
      throw new TeeError('ERR_INVALID_ARGUMENT', `${name} steers occlum itself and cannot be set for a program`);
    }
    if (value.includes('\0')) throw new TeeError('ERR_INVALID_ARGUMENT', `${name} has a NUL character`);
    if (name !== 'OCCLUM_LOG_LEVEL' && !untrusted.includes(name)) {
      throw new TeeError(
        'ERR_INVALID_ARGUMENT',
        `${name} would not reach the program: Occlum.json does not let it in`,
        {
          expected: `one of env.untrusted: ${untrusted.join(', ') || '(none)'}`,
          actual: name,
          hint: 'Add the name to env.untrusted (this changes MRENCLAVE) or pass the value in a message.',
        },
      );
    }
  }
  return { ...variables };
}
