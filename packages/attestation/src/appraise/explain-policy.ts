import { type AppraisalPolicy, acceptableStatuses } from '@neo-service-layer/tee-interface';
import { defaultAcceptedStatuses } from './appraise-platform.ts';
import { parsePolicy } from './parse-policy.ts';

/** What a policy demands with one of its members, and what is weak about it. */
export interface PolicyStatement {
  /** Null for what holds without being said. */
  member: keyof AppraisalPolicy | null;
  /** A sentence for people. */
  text: string;
  /** This makes the policy accept something that attestation exists to refuse. */
  isWeak: boolean;
}

/** In an order of its own, so that two lists of the same values read alike. */
const values = (list: readonly string[]) => [...list].sort((a, b) => a.localeCompare(b, 'en')).join(' or ');
const words: { [M in keyof AppraisalPolicy]-?: (value: NonNullable<AppraisalPolicy[M]>) => string } = {
  anyEnclave: () => 'Any code is accepted: this says nothing about what runs.',
  acceptedStatuses: (list) => `The TCB status must be ${values(list)}.`,
  acknowledgedAdvisories: (list) => `No advisory may apply${list.length > 0 ? ` but ${values(list)}` : ''}.`,
  minTcbDate: (date) => `The TCB level must be of ${date} or later.`,
  minTcbEvaluationDataNumber: (n) => `The collateral must have TCB evaluation data number ${n} or higher.`,
  mrEnclave: (list) => `MRENCLAVE must be ${values(list)}.`,
  mrSigner: (list) => `MRSIGNER must be ${values(list)}.`,
  isvProdId: (id) => `ISVPRODID must be ${id}.`,
  minIsvSvn: (svn) => `ISVSVN must be ${svn} or higher.`,
  attributes: ({ value, mask }) => `ATTRIBUTES must be ${value} under the mask ${mask}.`,
  xfrm: ({ value, mask }) => `XFRM must be ${value} under the mask ${mask}.`,
  miscSelect: ({ value, mask }) => `MISCSELECT must be ${value} under the mask ${mask}.`,
  configId: (id) => `CONFIGID must be ${id}.`,
  minConfigSvn: (svn) => `CONFIGSVN must be ${svn} or higher.`,
  isvFamilyId: (id) => `ISVFAMILYID must be ${id}.`,
  isvExtProdId: (id) => `ISVEXTPRODID must be ${id}.`,
  mrTd: (list) => `MRTD must be ${values(list)}.`,
  rtmrs: (list) =>
    list.map((rtmr, i) => `RTMR${i} ${rtmr === null ? 'may be anything' : `must be ${rtmr}`}.`).join(' '),
  mrConfigId: (id) => `MRCONFIGID must be ${id}.`,
  mrOwner: (owner) => `MROWNER must be ${owner}.`,
  mrOwnerConfig: (config) => `MROWNERCONFIG must be ${config}.`,
  mrSeam: (list) => `MRSEAM must be ${values(list)}.`,
  mrServiceTd: (list) => `MR_SERVICETD must be ${values(list)}.`,
  tdAttributes: ({ value, mask }) => `TDATTRIBUTES must be ${value} under the mask ${mask}.`,
  xfam: ({ value, mask }) => `XFAM must be ${value} under the mask ${mask}.`,
  requireSeptVeDisable: (on) => `SEPT_VE_DISABLE ${on ? 'must be set' : 'may be off'}.`,
  reportData: (data) => `The report data must be ${data}.`,
  fmspcAllowed: (list) => `The platform type (FMSPC) must be ${values(list)}.`,
  fmspcDenied: (list) => `The platform type (FMSPC) must not be ${values(list)}.`,
  ppidAllowed: (list) => `The platform (PPID) must be ${values(list)}.`,
  platformInstanceIdAllowed: (list) => `The platform instance must be ${values(list)}.`,
  allowDebug: (on) => (on ? 'Debugging may be on: nothing inside is confidential then.' : 'Debugging must be off.'),
  allowSimulation: (on) =>
    on ? 'A simulated platform is accepted: it protects nothing.' : 'The platform must be real.',
};

/**
 * Says in sentences what a policy demands, including what it demands by default, and marks what is weak.
 * @throws {TeeError} ERR_POLICY_FORMAT, ERR_POLICY_EMPTY
 */
export function explainPolicy(policy: AppraisalPolicy): PolicyStatement[] {
  const checked = parsePolicy(policy);
  const said = memberNames(checked).map((member) => ({
    member,
    text: say(checked, member),
    isWeak: isWeak(checked, member),
  }));
  const byDefault: [keyof AppraisalPolicy, string][] = [
    ['acceptedStatuses', words.acceptedStatuses([...defaultAcceptedStatuses])],
    ['allowDebug', words.allowDebug(false)],
    ['allowSimulation', words.allowSimulation(false)],
  ];
  const unsaid = byDefault.filter(([member]) => checked[member] === undefined);
  return [...said, ...unsaid.map(([, text]) => ({ member: null, text, isWeak: false })), ...gaps(checked)];
}

/** A member that two policies differ in; `before` and `after` are sentences, null where nothing is demanded. */
export interface PolicyChange {
  member: keyof AppraisalPolicy;
  before: string | null;
  after: string | null;
}

/**
 * Lists what changes from one policy to another. The order of lists does not matter.
 * @throws {TeeError} ERR_POLICY_FORMAT, ERR_POLICY_EMPTY
 */
export function diffPolicies(before: AppraisalPolicy, after: AppraisalPolicy): PolicyChange[] {
  const [old, fresh] = [parsePolicy(before), parsePolicy(after)];
  const members = new Set([...memberNames(old), ...memberNames(fresh)]);
  return [...members]
    .map((member) => ({ member, before: sayOrNull(old, member), after: sayOrNull(fresh, member) }))
    .filter((change) => change.before !== change.after);
}

function memberNames(policy: AppraisalPolicy): (keyof AppraisalPolicy)[] {
  const isMember = (name: string): name is keyof AppraisalPolicy => Object.hasOwn(words, name);
  return Object.keys(words)
    .filter(isMember)
    .filter((name) => policy[name] !== undefined);
}

function sayOrNull(policy: AppraisalPolicy, member: keyof AppraisalPolicy): string | null {
  return policy[member] === undefined ? null : say(policy, member);
}

function say<M extends keyof AppraisalPolicy>(policy: AppraisalPolicy, member: M): string {
  const value: AppraisalPolicy[M] = policy[member];
  const sentence: (value: NonNullable<AppraisalPolicy[M]>) => string = words[member];
  return value === undefined || value === null ? '' : sentence(value);
}

function isWeak(policy: AppraisalPolicy, member: keyof AppraisalPolicy): boolean {
  if (member === 'acceptedStatuses')
    return policy.acceptedStatuses?.some((s) => acceptableStatuses.indexOf(s) >= 4) ?? false;
  return (['anyEnclave', 'allowDebug', 'allowSimulation'] as const).some(
    (name) => name === member && policy[name] === true,
  );
}

/** Weak by what is not said. */
function gaps(policy: AppraisalPolicy): PolicyStatement[] {
  const onlySigner = policy.mrSigner !== undefined && policy.mrEnclave === undefined;
  if (!onlySigner) return [];
  const missing = [
    policy.isvProdId === undefined ? 'Every product of that signer is accepted: add isvProdId.' : null,
    policy.minIsvSvn === undefined ? 'Old versions with known holes are accepted: add minIsvSvn.' : null,
  ];
  return missing.flatMap((text) => (text === null ? [] : [{ member: null, text, isWeak: true }]));
}
