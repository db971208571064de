import { randomBytes } from 'node:crypto';
import type { SgxDevice } from '@neo-service-layer/attestation/device';
import { reportDataFor } from '@neo-service-layer/attestation/evidence';
import { OcclumAttestationProvider } from '@neo-service-layer/attestation/provider';
import type { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { type HostBlobStore, Sealer } from '@neo-service-layer/sealing';
import { ChannelResponder, classicSuite, EnclaveIdentity } from '@neo-service-layer/tee-channel';
import { type HostBlobs, type LinkHandler, linkCalls } from '@neo-service-layer/tee-channel/host-link';
import { postQuantumSuite } from '@neo-service-layer/tee-channel/post-quantum';
import { TeeError } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { builtInConfiguration, configurationHash, type RuntimeConfiguration } from './configuration.ts';
import { dispatcher } from './dispatcher.ts';
import { EnclaveEvidence } from './enclave-evidence.ts';
import { ExecutionPace } from './execution-pace.ts';
import { ExecutionReceipts } from './execution-receipts.ts';
import { FunctionTurns } from './functions/function-turns.ts';
import { EnclaveKeyring } from './keyring/enclave-keyring.ts';
import { keyringCalls, quoteClaimsWith } from './keyring/keyring-calls.ts';
import { KeyringHandOver } from './keyring/keyring-hand-over.ts';
import { KeyringRecovery } from './keyring/keyring-recovery.ts';
import { enclaveMethods } from './methods.ts';
import { deviceSealKeys } from './seal-keys.ts';
import { ChosenStore } from './stores/chosen-store.ts';
import { EnclaveStores } from './stores/enclave-stores.ts';
import { streamingCalls } from './streaming-calls.ts';
import { Gate } from './users/gate.ts';
import { Quotas } from './users/quotas.ts';
import { UserDirectory } from './users/user-directory.ts';

/** What the runtime is made of. */
export interface RuntimeParts {
  device: SgxDevice;
  sandbox: OcclumJavaScriptExecution;
  rootfs: 'image' | 'host';
  /**
   * Where the host keeps sealed bytes; usually over the link that is dialled afterwards. Absent or null: nowhere, and the
   * keyring lives for this boot only.
   */
  blobs?: HostBlobs | null;
  /** Where the host keeps what users store. Absent or null: nowhere, and it lives for this boot only. */
  store?: HostBlobStore | null;
  /** Called when the host asked the enclave to end, after the answer left. */
  onShutdown: () => void;
  /** Default {@link builtInConfiguration}. */
  configuration?: RuntimeConfiguration;
  /** Unix seconds; the host sets this clock, so nothing secret may hang on it. */
  now?: () => number;
}

/**
 * Makes a runtime, with an identity of its own for this boot, and returns what answers the host's calls. When it
 * resolves the first evidence is ready; dial the host then.
 *
 * Of what the host may ask, `evidence` is public, `keyring` takes and gives documents that prove themselves, and
 * `channel` carries sealed messages; there is no other way in.
 */
export async function startRuntime(parts: RuntimeParts): Promise<LinkHandler> {
  const { device, sandbox, onShutdown } = parts;
  const configuration = parts.configuration ?? builtInConfiguration;
  const now = parts.now ?? (() => Date.now() / 1000);
  const bootId = new Uint8Array(randomBytes(16));
  const identity = await EnclaveIdentity.generate();
  const suites = configuration.postQuantum ? [classicSuite, postQuantumSuite] : [classicSuite];
  const configHash = configurationHash(configuration, sandbox.codeHash);
  const provider = new OcclumAttestationProvider(device);
  const attestation = new EnclaveEvidence(provider, { identity, suites, configHash, bootId, now });
  const self = await provider.selfReport();
  const keys = deviceSealKeys(device, self);
  const sealer = new Sealer(keys);
  const keyring = EnclaveKeyring.start({ keys, blobs: parts.blobs ?? null, configuration: configuration.keyring, now });
  const receipts = new ExecutionReceipts({ identity, bootId, configHash, now });
  const gate = gateOf(parts, configuration, keyring, now);
  const context = {
    ...parts,
    self,
    bootId,
    attestation,
    receipts,
    sealer,
    keyring,
    configuration,
    gate,
    pace: new ExecutionPace(),
    turns: new FunctionTurns(),
  };
  const answerKeyring = keyringCalls(keyringParts(keyring, configuration, keys.identity.mrEnclave, provider, now));
  const responder = new ChannelResponder({
    identity,
    now,
    suites,
    audience: configuration.audience,
    handle: dispatcher(enclaveMethods(context), gate),
    handleStream: streamingCalls(() => keyring.current(), gate),
  });
  await attestation.evidence();
  return async (name, body) => {
    switch (name) {
      case linkCalls.evidence: {
        if (body.length > 64) throw new TeeError('ERR_LINK_PROTOCOL', 'A nonce has at most 64 bytes.');
        const { quote, claims } = await (body.length > 0 ? attestation.freshEvidence(body) : attestation.evidence());
        return encodeCanonical([quote, claims]);
      }
      case linkCalls.channel:
        return responder.receive(body);
      case linkCalls.keyring:
        return answerKeyring(body);
      case linkCalls.ping:
        return new Uint8Array();
      case linkCalls.shutdown:
        setImmediate(onShutdown);
        return new Uint8Array();
      default:
        throw new TeeError('ERR_UNKNOWN_METHOD', 'The enclave does not know this call.');
    }
  };
}

function gateOf(
  { store = null }: RuntimeParts,
  { users: configuration }: RuntimeConfiguration,
  keyring: EnclaveKeyring,
  now: () => number,
): Gate {
  const stores = new EnclaveStores({ host: new ChosenStore(store), keyring: () => keyring.current() });
  const directory = new UserDirectory(stores, configuration.maxUsers);
  return new Gate({ configuration, directory, stores, quotas: new Quotas(), now });
}

function keyringParts(
  keyring: EnclaveKeyring,
  { keyring: configuration }: RuntimeConfiguration,
  mrEnclave: string,
  provider: OcclumAttestationProvider,
  now: () => number,
) {
  const quote = quoteClaimsWith(provider, reportDataFor);
  return {
    keyring,
    handOver: new KeyringHandOver({ keyring, configuration, mrEnclave, quote, now }),
    recovery: new KeyringRecovery({ keyring, configuration, quote }),
  };
}
