import { functionHash } from '@neo-service-layer/receipt';
import { bytesToHex, type DeployedFunction, type FunctionDeployment } from '@neo-service-layer/tee-interface';

/** A function as it lies in its owner's account. */
export interface StoredFunction {
  deployment: FunctionDeployment;
  /** Of sources and grants, hex. */
  functionHash: string;
  /** Under which id the owner deployed it: whose quota it is that its state counts against. */
  ownerId: string;
}

/** What is to be kept of a deployment. */
export async function storedFunction(deployment: FunctionDeployment, ownerId: string): Promise<StoredFunction> {
  return { deployment, functionHash: bytesToHex(await functionHash(deployment)), ownerId };
}

/** The bytes that lie in the account. */
export function encodeFunction(stored: StoredFunction): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(stored)));
}

/** What {@link encodeFunction} wrote; it was sealed by this program. */
export function decodeFunction(value: Uint8Array): StoredFunction {
  return JSON.parse(Buffer.from(value).toString()) as StoredFunction;
}

/** What is told of a function. */
export function describeFunction(
  { deployment, functionHash: hash }: StoredFunction,
  { version, bytes }: { version: number; bytes: number },
): DeployedFunction {
  const { functionId, secrets = [], storage = false, invokers = [] } = deployment;
  return { functionId, functionHash: hash, version, secrets, storage, invokers, bytes };
}
