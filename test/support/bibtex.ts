/** Bibliographies as a test writes them, as a text or as a file in a folder of its own, and what is read of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Paper } from '../../src/papers/paper.ts';
import { readBibtex } from '../../src/papers/sources/bibtex.ts';
import type { SkippedRecord } from '../../src/papers/sources/source.ts';
import { pagesOf } from './source-pages.ts';

export const NOW = new Date('2026-03-01T12:00:00Z');

export interface Bibliographies {
  /** Bytes are read from a file. */
  read(input: string | Buffer): Promise<{ papers: Paper[]; skipped: SkippedRecord[] }>;
  /** The only paper of a text of which nothing is skipped. */
  readOne(text: string): Promise<Paper>;
  /** Where a file of this name is, or would be. */
  pathOf(name: string): string;
  /** Writes a file and says where. */
  file(name: string, bytes: Buffer): string;
}

/** A folder for all tests of a file. */
export function useBibliographies(): Bibliographies {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bibtex-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const pathOf = (name: string) => join(folder, name);
  const file = (name: string, bytes: Buffer) => {
    const path = pathOf(name);
    writeFileSync(path, bytes);
    return path;
  };
  const read: Bibliographies['read'] = async (input) => {
    const source = typeof input === 'string' ? [input] : file('list.bib', input);
    const pages = await pagesOf(readBibtex(source, NOW));
    return {
      papers: pages.flatMap(({ papers }) => papers),
      skipped: pages.flatMap(({ skipped }) => skipped),
    };
  };
  return {
    read,
    async readOne(text) {
      const { papers, skipped } = await read(text);
      expect(skipped).toEqual([]);
      expect(papers).toHaveLength(1);
      return papers[0] as Paper;
    },
    pathOf,
    file,
  };
}
