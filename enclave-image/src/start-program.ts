/**
 * What is started in the image.
 *
 * The entry point is a script, not Node: the host chooses the arguments of the program it starts, and `/bin/node -e …`
 * would run the host's code under the image's measurement, with its keys. Behind a script's name they are only
 * arguments of the script, which takes none. The LibOS reads a script's first line as one absolute path without
 * arguments (occlum-contract §5), so V8's flag is set in the script, and Node's stand in NODE_OPTIONS of the measured
 * configuration.
 */
export const startProgram: { readonly program: string; readonly args: readonly string[] } = {
  program: '/app/start',
  args: [],
};
