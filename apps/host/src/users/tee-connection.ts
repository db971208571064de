import type { OcclumInterface } from '@neo-service-layer/occlum-interface';
import { HttpTransport, TeeClient, type UserKey } from '@neo-service-layer/tee-client';
import { type AppraisalPolicy, type ITeeInterface, TeeError } from '@neo-service-layer/tee-interface';
import { type ParsedOptions, readFile, usage } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { readPolicy } from '../cli/policy-file.ts';
import type { CommandContext } from '../commands/command.ts';
import { trustAnchors } from '../enclave/collateral.ts';
import { builderPolicy, withEnclave } from '../enclave/open.ts';
import { builtEnclave } from '../enclave/prepare.ts';
import { projectFileName, projectOptions } from '../project/project-file.ts';
import { userKeyOption } from './user-key-option.ts';

/** Options of a command that speaks with an enclave as a user. */
export const connectionOptions = {
  url: 'value',
  policy: 'value',
  root: 'value',
  'user-id': 'value',
  'user-key': 'value',
} as const;

/**
 * Connects as a user and does something: with `--url` (or the project file of the working directory) to the enclave behind
 * that host, judged by `--policy` (or by what this machine built, when there is no policy); otherwise to an enclave of this
 * machine, launched for the command.
 *
 * @throws {TeeError} ERR_INVALID_ARGUMENT, and what connecting and the action throw
 */
export async function withTee<Result>(
  context: CommandContext,
  options: ConnectionValues,
  action: (tee: ITeeInterface, evidence: EvidenceDocument) => Promise<Result>,
): Promise<Result> {
  const { settings, signal, output } = context;
  const values = connectionValues(options, output);
  const user = await userKeyOption(values['user-id'], values['user-key']);
  if (values.url === undefined) {
    if (values.policy !== undefined || values.root !== undefined) throw usage('--policy and --root are for --url.');
    const own = (tee: OcclumInterface) => action(tee, () => tee.evidenceDocument());
    return withEnclave(settings, signal, (text) => output.progress(text), own, { user });
  }
  const tee = await connectTo(context, { ...values, url: values.url }, user);
  try {
    return await action(tee, async () => tee.evidenceDocument);
  } finally {
    await tee.dispose();
  }
}

/** What the enclave proved, for receipts of its executions. */
type EvidenceDocument = () => Promise<Uint8Array | null>;

type ConnectionValues = ParsedOptions<typeof connectionOptions>['values'];

/** Connects to the enclave behind a host. @throws {TeeError} as {@link withTee} */
export async function connectTo(
  { settings, output }: Pick<CommandContext, 'settings' | 'output'>,
  values: ConnectionValues & { url: string },
  user: UserKey | undefined,
): Promise<TeeClient> {
  const policy = values.policy === undefined ? await ownPolicy(settings) : readPolicy(values.policy);
  const anchors = values.root === undefined ? await trustAnchors(settings) : [readFile(values.root)];
  return TeeClient.connect({
    transport: new HttpTransport(values.url),
    policy,
    onWarning: (warning) => output.progress(`note: ${warning}`),
    ...(anchors === undefined ? {} : { trustAnchors: anchors }),
    ...(user === undefined ? {} : { user }),
  });
}

/**
 * The options as given, and for those that were not as the project file says. Another `--url` is another host: then the
 * file's policy and root are not its.
 */
function connectionValues(options: ConnectionValues, output: Pick<Output, 'progress'>): ConnectionValues {
  const project = projectOptions(process.cwd());
  if (options.url !== undefined || project.url === undefined) {
    const { url: _url, policy: _policy, root: _root, ...user } = project;
    return { ...user, ...options };
  }
  output.progress(`note: ${project.url}, as ${projectFileName} says`);
  return { ...project, ...options };
}

/** Exactly what this machine built: good for trying things out on the machine that serves. */
async function ownPolicy(settings: CommandContext['settings']): Promise<AppraisalPolicy> {
  try {
    return builderPolicy((await builtEnclave(settings)).mrEnclave, settings);
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'Nothing says which enclave is meant.', {
      expected: '--policy FILE, or an enclave that was built on this machine',
      hint: 'Ask whoever runs the enclave for its policy, and check it with neo-tee policy explain.',
      cause,
    });
  }
}
