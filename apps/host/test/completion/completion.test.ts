import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { requireOrSkip } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/cli/catalogue.ts';
import { completionScript } from '../../src/completion/scripts.ts';
import { optionsOf, wordTree } from '../../src/completion/word-tree.ts';

const tree = wordTree(catalogue);

/** What bash offers for the last of these words. */
function bashOffers(...words: string[]): string[] {
  const program = `${completionScript('bash', tree)}
COMP_WORDS=(neo-tee "$@"); COMP_CWORD=$#; _neo_tee; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', program, 'bash', ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

/** What fish offers for a command line that ends here. */
function fishOffers(line: string): string[] {
  const program = `${completionScript('fish', tree)}\ncomplete -C '${line}'`;
  const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', program], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  expect(stderr).not.toMatch(/error|unknown/i);
  return stdout.split('\n').map((offer) => offer.split('\t')[0] ?? '');
}

describe('completion', () => {
  it('offers the first words, then the second ones, then the options of the command', () => {
    expect(bashOffers('quo')).toEqual(['quote']);
    expect(new Set(bashOffers('quote', ''))).toEqual(new Set(['inspect', 'verify']));
    expect(bashOffers('quote', 'verify', '--coll')).toEqual(['--collateral']);
    expect(bashOffers('quote', 'verify', 'some.bin', '--coll')).toEqual(['--collateral']);
  });

  it('offers no options of another command that begins with the same letters', () => {
    expect(bashOffers('user', 'show', '--af')).toEqual([]);
    expect(bashOffers('users', 'list', '--af')).toEqual(['--after']);
  });

  it('offers nothing of its own where files are wanted, so that the shell offers those', () => {
    expect(bashOffers('run', 'exam')).toEqual([]);
    expect(completionScript('bash', tree)).toContain('complete -o default');
  });

  it('knows every command, and every option that its help names', () => {
    fc.assert(
      fc.property(fc.constantFrom(...catalogue), (command) => {
        const found = tree.find(({ words }) => words === command.name);
        expect(found?.options).toEqual(optionsOf(command));
      }),
    );
  });

  const hasFish = ['/usr/bin/fish', '/usr/local/bin/fish'].some((file) => existsSync(file));
  it.runIf(requireOrSkip(hasFish, 'the Debian package fish'))('does the same in fish (skipped: no fish)', () => {
    expect(fishOffers('neo-tee quote ')).toEqual(expect.arrayContaining(['inspect', 'verify']));
    expect(fishOffers('neo-tee quote verify --coll')).toContain('--collateral');
    expect(fishOffers('neo-tee user show --af')).not.toContain('--after');
  });

  const hasZsh = ['/usr/bin/zsh', '/bin/zsh'].some((file) => existsSync(file));
  it.runIf(requireOrSkip(hasZsh, 'the Debian package zsh'))(
    'is read by zsh without complaint (skipped: no zsh)',
    () => {
      const program = `autoload -U compinit && compinit -u -D\n${completionScript('zsh', tree)}\nwhich _neo_tee >/dev/null && echo known`;
      const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', program], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(stdout).toBe('known\n');
    },
  );
});
