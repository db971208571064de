import type { FunctionDeployment } from '@neo-service-layer/tee-interface';
import { functionCall } from '../cli/function-call.ts';

/** A function as it is deployed, without its name. @throws {TeeError} ERR_INVALID_ARGUMENT for a file that holds none */
export async function readFunction(file: string): Promise<Omit<FunctionDeployment, 'functionId'>> {
  const { code, kind, files, capabilities, http } = functionCall(file, {});
  return { code, kind, files, capabilities, http };
}
