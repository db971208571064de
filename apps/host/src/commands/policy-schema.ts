import { appraisalPolicySchema } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
import { parseOptions } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee policy schema`: the JSON Schema (2020-12) of a policy, for editors that check while one types. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  parseOptions(args, {});
  const schema = z.toJSONSchema(appraisalPolicySchema);
  output.document(schema);
  output.line(JSON.stringify(schema, null, 2));
  return 0;
}
