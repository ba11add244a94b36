/** The rules of who may import whom. Each failure names its rule; src/README.md says why they are there. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/project-root.ts';

interface SourceFile {
  path: string;
  /** Without comments. */
  code: string;
  imports: { target: string; typeOnly: boolean }[];
}

const files = ['src', 'workers', 'test'].flatMap(listFiles);
const FEATURES = ['papers', 'ranking', 'subscribers', 'digests', 'deliveries'];
/** Processes begin here, so these alone may know workers and have effects when imported. */
const isEntry = (path: string) =>
  /^src\/(start|server|cli)\.ts$|^src\/commands\/|^workers\/main\.ts$/.test(path);
const inSource = files.filter(({ path }) => !path.startsWith('test/'));

/** "file → what it must not have", so that a failure is a list to work through. */
function violations(check: (file: SourceFile) => string[], among = inSource): string[] {
  return among.flatMap((file) => check(file).map((what) => `${file.path} → ${what}`));
}

const importing = (file: SourceFile, forbidden: (target: string, typeOnly: boolean) => boolean) =>
  file.imports.filter(({ target, typeOnly }) => forbidden(target, typeOnly)).map(({ target }) => target);

describe('rule 1: decisions know nothing of when they run', () => {
  it('lets nothing but entries in src import workers, and nothing import seeds or tests', () => {
    expect(
      violations((file) =>
        importing(
          file,
          (target) =>
            /^(seeds|test)\//.test(target) ||
            (target.startsWith('workers/') && file.path.startsWith('src/') && !isEntry(file.path)),
        ),
      ),
    ).toEqual([]);
  });

  it('keeps SQL out of workers and http', () => {
    const thin = inSource.filter(({ path }) => path.startsWith('workers/') || path.startsWith('src/http/'));
    expect(thin.length).toBeGreaterThan(10);
    expect(
      violations(
        (file) => importing(file, (target, typeOnly) => !typeOnly && /\.repo\.ts$|^drizzle-orm/.test(target)),
        thin,
      ),
    ).toEqual([]);
  });
});

describe('rule 2: every library has one owner', () => {
  const owners: [string, RegExp, RegExp][] = [
    ['fastify', /^(fastify$|@fastify\/)/, /^src\/(app|listen)\.ts$|^src\/http\//],
    ['bullmq', /^bullmq$/, /^src\/queues\.ts$|^workers\//],
    ['drizzle', /^drizzle-orm/, /^src\/db\/|\.repo\.ts$/],
    ['nodemailer', /^nodemailer(?:\/|$)/, /^src\/mail\//],
    ['imapflow', /^imapflow$/, /^src\/mail\/imap-mailbox\.ts$/],
    ['eta', /^eta$/, /^src\/templates\.ts$/],
    ['mjml', /^mjml$/, /^src\/compile-mjml\.ts$/],
    ['intl-messageformat', /^intl-messageformat$/, /^src\/messages\.ts$/],
    [
      'smtp-server and mailparser',
      /^(smtp-server|mailparser)$/,
      /^src\/mail\/(local-mailbox|return-listener)\.ts$/,
    ],
    ['commander', /^commander$/, /^src\/cli\.ts$|^src\/commands\//],
  ];
  it.each(owners)('%s', (_name, library, owner) => {
    const users = inSource.filter((file) => importing(file, (target) => library.test(target)).length > 0);
    expect(users.length).toBeGreaterThan(0);
    expect(users.map(({ path }) => path).filter((path) => !owner.test(path))).toEqual([]);
  });
});

describe('rule 3: the environment and the time come in at one place', () => {
  it('reads process.env in config.ts alone', () => {
    expect(
      violations(({ path, code }) =>
        path !== 'src/config.ts' && /process\.env/.test(code) ? ['process.env'] : [],
      ),
    ).toEqual([]);
  });

  it('asks for the time in context.ts alone', () => {
    expect(
      violations(({ path, code }) =>
        path !== 'src/context.ts' && /\bDate\.now\(|\bnew Date\(\)/.test(code) ? ['the clock'] : [],
      ),
    ).toEqual([]);
  });
});

describe('rule 4: features stand apart', () => {
  const allowed: Record<string, string[]> = {
    papers: [],
    ranking: [],
    deliveries: [],
    subscribers: ['papers'],
    digests: ['papers', 'ranking', 'deliveries', 'subscribers'],
  };

  it.each(FEATURES)('%s', (feature) => {
    const own = inSource.filter(({ path }) => path.startsWith(`src/${feature}/`));
    expect(own.length).toBeGreaterThan(0);
    expect(
      violations(
        (file) =>
          importing(file, (target) => {
            const other = /^src\/([a-z]+)\//.exec(target)?.[1] ?? '';
            return FEATURES.includes(other) && other !== feature && !allowed[feature]?.includes(other);
          }),
        own,
      ),
    ).toEqual([]);
  });

  it('has no cycle of imports', () => {
    expect(findCycle(inSource)).toBeNull();
  });
});

describe('rule 5: plain modules', () => {
  it('has no barrels, re-exports, default exports, classes but AppError, or mocked modules', () => {
    const banned: [RegExp, string][] = [
      [/^export (\*|\{[^}]*\}|type \{[^}]*\}) from/m, 're-export'],
      [/^export default/m, 'default export'],
      [/^(export )?class (?!AppError\b)/m, 'class'],
      [/\bvi\.mock\(/, 'vi.mock'],
    ];
    const self = 'test/unit/architecture.test.ts';
    expect(
      violations(
        ({ path, code }) =>
          banned.filter(([pattern]) => path !== self && pattern.test(code)).map(([, what]) => what),
        files,
      ),
    ).toEqual([]);
  });

  it('opens every file with a comment that says what it is for', () => {
    expect(
      violations(
        ({ path }) => (/^\/\*\*/.test(readFileSync(join(projectRoot, path), 'utf8')) ? [] : ['no comment']),
        files,
      ),
    ).toEqual([]);
  });

  it('keeps the README of each under forty lines', () => {
    const long = ['src', 'workers', 'templates', 'migrations', 'seeds', 'test'].flatMap((folder) =>
      readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('README.md'))
        .map((name) => join(folder, name))
        .filter((path) => readFileSync(join(projectRoot, path), 'utf8').split('\n').length > 40),
    );
    expect(long).toEqual([]);
  });
});

function listFiles(folder: string): SourceFile[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      const code = readFileSync(join(projectRoot, path), 'utf8').replace(
        /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm,
        '',
      );
      return { path, code, imports: readImports(path, code) };
    });
}

/** Relative imports as paths from the project's root, packages as they are; those made when needed too. */
function readImports(path: string, code: string): SourceFile['imports'] {
  const found = code.matchAll(/^import (type )?(?:[^'"]*? from )?'([^']+)'|\bawait import\('([^']+)'\)/gm);
  return [...found].map(([, type, atStart, target = atStart ?? '']) => ({
    target: target.startsWith('.') ? relative('.', join(dirname(path), target)) : target,
    typeOnly: type !== undefined,
  }));
}

function findCycle(among: readonly SourceFile[]): string | null {
  const importsOf = new Map(
    among.map(({ path, imports }) => [
      path,
      imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target),
    ]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ');
    if (done.has(path)) return null;
    for (const target of importsOf.get(path) ?? []) {
      const cycle = visit(target, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const path of importsOf.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}
