import { CliFailure } from './failure.ts';
import { takeOwnOptions } from './own-options.ts';

type Command = (words: string[]) => Promise<number>;

/** The sub-commands; each is loaded only when it is asked for, so that the small ones start fast. */
const commands: Record<string, () => Promise<Command>> = {
  new: async () => (await import('./create.ts')).newInstance,
  init: async () => (await import('./create.ts')).initInstance,
  build: async () => (await import('./build.ts')).buildInstance,
  run: async () => (await import('./run.ts')).runProgram,
  start: async () => (await import('./start.ts')).startServer,
  exec: async () => (await import('./exec.ts')).execProgram,
  stop: async () => (await import('./stop.ts')).stopServer,
  status: async () => (await import('./status.ts')).printStatus,
  'gen-image-key': async () => (await import('./gen-image-key.ts')).genImageKey,
  print: async () => (await import('./print.ts')).printMeasurement,
  package: async () => (await import('./package.ts')).packageInstance,
  mount: async () => (await import('./mount.ts')).mountImage,
  gdb: async () => (await import('./gdb.ts')).debugProgram,
};

const usage = `Usage:
    occlum new <path> [--init-ra <grpc_ratls|aecs>]
        Create a new directory at <path> and initialize it as an Occlum instance.

    occlum init [--init-ra <grpc_ratls|aecs>]
        Initialize a directory as an Occlum instance.

    occlum build [--sign-key <key_path>] [--sign-tool <tool_path>] [--sgx-mode <HW|SIM|HYPER>] [--enable-edmm <Y|N>]
                 [--image-key <key_path>] [--buildin-image-key] [-f/--force]
        Build and sign an Occlum SGX enclave. Removes what programs wrote in the instance.

    occlum run [--config-id <base64>] [--config-svn <svn>] [--no-rootfs] <program_name> <program_args>
        Run the user program inside a (simulated) SGX enclave.

    occlum start [--config-id <base64>] [--config-svn <svn>] [--no-rootfs]
        Start an Occlum instance and a background process to serve occlum exec.

    occlum exec <cmd1> [args1]
        Execute a command inside the started enclave.

    occlum stop
        Stop the Occlum instance including the background process and the SGX enclave.

    occlum package [--debug] [<package_name>.tar.gz]
        Pack what is needed to run the instance elsewhere.

    occlum status | gen-image-key <key_path> | print <mrenclave|mrsigner>
    occlum mount [--sign-key <key_path>] [--sign-tool <tool_path>] [--image-key <key_path>] <path>
    occlum gdb <program_name> <program_args>

This is occlum-sim: it has the command line of occlum and protects nothing. Before the sub-command it also takes
--strict (limits of the LibOS) and --faults <list> (what shall fail; --faults list names all).
`;

/** Runs one command line. @returns the exit code */
export async function main(words: string[]): Promise<number> {
  try {
    const own = takeOwnOptions(words, process.env);
    if (own === null) return 0;
    const [name, ...rest] = own;
    if (name === undefined) throw usageFailure('no sub-command is given');
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw usageFailure(`unknown sub-command ${name}`);
    return await (await command())(rest);
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    process[error.stream].write(`${error.message}\n`);
    return error.exitCode;
  }
}

function usageFailure(message: string): CliFailure {
  process.stdout.write(usage);
  return new CliFailure(`Error: ${message}`, 'stderr');
}
