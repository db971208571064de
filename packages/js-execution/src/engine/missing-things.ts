/** More names than these are not kept. */
const most = 8;
/** What promises and JSON look for in every object. */
const usual = ['then', 'toJSON'];

/** What a guest looked for and did not find: the likely reason when it then fails. */
export class MissingThings {
  /** The first import of something that is not among the function's files. */
  import: { file: string; specifier: string } | null = null;
  /** Names of secrets that were read and not given. */
  readonly secrets: string[] = [];

  noteSecret(name: string): void {
    if (this.secrets.length < most && !usual.includes(name) && !this.secrets.includes(name)) this.secrets.push(name);
  }
}
